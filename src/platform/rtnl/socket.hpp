// A netlink socket of routing that hears of changes.
#pragma once

#include <array>
#include <cstdint>
#include <libmnl/libmnl.h>
#include <memory>
#include <span>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "platform/rtnl/error.hpp"

namespace rtnl {

struct CloseSocket {
  void operator()(mnl_socket* socket) const { mnl_socket_close(socket); }
};
using Socket = std::unique_ptr<mnl_socket, CloseSocket>;

/// Non-blocking, and a member of these groups, RTNLGRP_…; with a receive buffer of that size, or what the machine
/// allows. Fails with kNoSocket.
[[nodiscard]] base::Result<Socket, Error> open_hearing(std::span<const int> groups, int receive_buffer);

/// Reads all that waits, never blocks, a datagram at a time for `visit`, aligned for a netlink header. True when more
/// was told than there was room for: then anything may have happened.
template <class Visit>
bool read_all(mnl_socket& socket, Visit visit) {
  constexpr std::size_t datagram_bytes = 64 << 10;
  alignas(nlmsghdr) std::array<std::uint8_t, datagram_bytes> buffer;
  bool lost = false;
  for (;;) {
    const ssize_t length = mnl_socket_recvfrom(&socket, buffer.data(), buffer.size());
    if (length < 0 && errno == EINTR) continue;
    // More than there was room for, or than the buffer takes.
    if (length < 0 && (errno == ENOBUFS || errno == ENOSPC)) {
      lost = true;
      continue;
    }
    if (length < 0) return lost;
    visit(base::ByteView(buffer).first(static_cast<std::size_t>(length)));
  }
}

}  // namespace rtnl
