#include "platform/rtnl/watch.hpp"

#include <array>
#include <cerrno>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <utility>

#include "platform/rights/capabilities.hpp"
#include "platform/rtnl/messages.hpp"

namespace rtnl {
namespace {

constexpr std::size_t kDatagramBytes = 64 << 10;

constexpr std::array kGroups = {RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE,
                                RTNLGRP_IPV6_ROUTE};

}  // namespace

struct Watch::State {
  mnl_socket* socket = nullptr;

  explicit State(mnl_socket* opened) : socket(opened) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { mnl_socket_close(socket); }
};

base::Result<Watch, Error> Watch::open(int receive_buffer) {
  const rights::Raised raised({rights::Capability::kNetAdmin});
  mnl_socket* socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (socket == nullptr) return std::unexpected(Error{ErrorCode::kNoSocket, errno});
  Watch watch(std::make_unique<State>(socket));
  // Without the right to more, what the machine allows must do.
  const int fd = mnl_socket_get_fd(socket);
  if (::setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &receive_buffer, sizeof receive_buffer) != 0) {
    ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  }
  bool bound = mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) == 0;
  for (const int group : kGroups) {
    int number = group;
    bound = bound && mnl_socket_setsockopt(socket, NETLINK_ADD_MEMBERSHIP, &number, sizeof number) == 0;
  }
  if (!bound) return std::unexpected(Error{ErrorCode::kNoSocket, errno});
  return watch;
}

Watch::Watch(std::unique_ptr<State> state) : state_(std::move(state)) {}
Watch::Watch(Watch&&) noexcept = default;
Watch& Watch::operator=(Watch&&) noexcept = default;
Watch::~Watch() = default;

int Watch::fd() const {
  return mnl_socket_get_fd(state_->socket);
}

bool Watch::read() {
  alignas(nlmsghdr) std::array<std::uint8_t, kDatagramBytes> buffer;
  bool changed = false;
  for (;;) {
    const ssize_t length = mnl_socket_recvfrom(state_->socket, buffer.data(), buffer.size());
    if (length < 0 && errno == EINTR) continue;
    // More than there was room for, or than the buffer takes: anything may have happened.
    if (length < 0 && (errno == ENOBUFS || errno == ENOSPC)) {
      changed = true;
      continue;
    }
    if (length < 0) return changed;
    Tables told;
    changed |= take(base::ByteView(buffer).first(static_cast<std::size_t>(length)), told).relevant;
  }
}

}  // namespace rtnl
