#include "platform/rtnl/socket.hpp"

#include <cerrno>
#include <linux/netlink.h>
#include <sys/socket.h>

#include "platform/rights/capabilities.hpp"

namespace rtnl {

base::Result<Socket, Error> open_hearing(std::span<const int> groups, int receive_buffer) {
  const rights::Raised raised({rights::Capability::kNetAdmin});
  Socket socket(mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!socket) return std::unexpected(Error{ErrorCode::kNoSocket, errno});
  // Without the right to more, what the machine allows must do.
  const int fd = mnl_socket_get_fd(socket.get());
  if (::setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &receive_buffer, sizeof receive_buffer) != 0) {
    ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  }
  bool bound = mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) == 0;
  for (int number : groups) {
    bound = bound && mnl_socket_setsockopt(socket.get(), NETLINK_ADD_MEMBERSHIP, &number, sizeof number) == 0;
  }
  if (!bound) return std::unexpected(Error{ErrorCode::kNoSocket, errno});
  return socket;
}

}  // namespace rtnl
