#include "platform/rtnl/rule_watch.hpp"

#include <array>
#include <linux/rtnetlink.h>
#include <utility>

#include "platform/rtnl/socket.hpp"

namespace rtnl {
namespace {

constexpr std::array kGroups = {int{RTNLGRP_IPV4_RULE}, int{RTNLGRP_IPV6_RULE}};
/// Rules are few; more told at once than this is an overrun, after which all are put there again.
constexpr int kReceiveBuffer = 64 << 10;

bool tells_of_a_loss(base::ByteView datagram) {
  int left = static_cast<int>(datagram.size());
  const auto* message = reinterpret_cast<const nlmsghdr*>(datagram.data());
  for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
    if (message->nlmsg_type == RTM_DELRULE) return true;
  }
  return false;
}

}  // namespace

struct RuleWatch::State {
  Socket socket;
};

base::Result<RuleWatch, Error> RuleWatch::open() {
  TED_TRY(Socket socket, open_hearing(kGroups, kReceiveBuffer));
  return RuleWatch(std::make_unique<State>(State{std::move(socket)}));
}

RuleWatch::RuleWatch(std::unique_ptr<State> state) : state_(std::move(state)) {}
RuleWatch::RuleWatch(RuleWatch&&) noexcept = default;
RuleWatch& RuleWatch::operator=(RuleWatch&&) noexcept = default;
RuleWatch::~RuleWatch() = default;

int RuleWatch::fd() const {
  return mnl_socket_get_fd(state_->socket.get());
}

bool RuleWatch::read() {
  bool went = false;
  const bool lost = read_all(*state_->socket, [&](base::ByteView datagram) { went |= tells_of_a_loss(datagram); });
  return went || lost;
}

}  // namespace rtnl
