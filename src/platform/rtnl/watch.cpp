#include "platform/rtnl/watch.hpp"

#include <array>
#include <linux/rtnetlink.h>
#include <utility>

#include "platform/rtnl/messages.hpp"
#include "platform/rtnl/socket.hpp"

namespace rtnl {
namespace {

constexpr std::array kGroups = {int{RTNLGRP_LINK}, int{RTNLGRP_IPV4_IFADDR}, int{RTNLGRP_IPV6_IFADDR},
                                int{RTNLGRP_IPV4_ROUTE}, int{RTNLGRP_IPV6_ROUTE}};

}  // namespace

struct Watch::State {
  Socket socket;
};

base::Result<Watch, Error> Watch::open(int receive_buffer) {
  TED_TRY(Socket socket, open_hearing(kGroups, receive_buffer));
  return Watch(std::make_unique<State>(State{std::move(socket)}));
}

Watch::Watch(std::unique_ptr<State> state) : state_(std::move(state)) {}
Watch::Watch(Watch&&) noexcept = default;
Watch& Watch::operator=(Watch&&) noexcept = default;
Watch::~Watch() = default;

int Watch::fd() const {
  return mnl_socket_get_fd(state_->socket.get());
}

bool Watch::read() {
  bool changed = false;
  const bool lost = read_all(*state_->socket, [&](base::ByteView datagram) {
    Tables told;
    changed |= take(datagram, told).relevant;
  });
  return changed || lost;
}

}  // namespace rtnl
