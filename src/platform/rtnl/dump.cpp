#include "platform/rtnl/dump.hpp"

#include <array>
#include <cerrno>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <memory>
#include <span>
#include <sys/socket.h>
#include <utility>

#include "platform/rtnl/messages.hpp"

namespace rtnl {
namespace {

/// The kernel fills 32 KiB at most.
constexpr std::size_t kDatagramBytes = 64 << 10;
/// A listing during which something changed is begun anew; a machine that never rests is asked again later.
constexpr int kAttempts = 5;

struct Close {
  void operator()(mnl_socket* socket) const { mnl_socket_close(socket); }
};
using Socket = std::unique_ptr<mnl_socket, Close>;

/// What is listed: links, addresses or routes of all families.
struct Kind {
  std::uint16_t request;
  std::size_t head_bytes;
};
constexpr std::array kKinds = {Kind{RTM_GETLINK, sizeof(ifinfomsg)}, Kind{RTM_GETADDR, sizeof(ifaddrmsg)},
                               Kind{RTM_GETROUTE, sizeof(rtmsg)}};

std::unexpected<Error> refused() {
  return std::unexpected(Error{ErrorCode::kRefused, errno});
}

base::Result<void, Error> ask(mnl_socket& socket, const Kind& kind) {
  alignas(nlmsghdr) std::array<char, 128> buffer{};
  nlmsghdr* header = mnl_nlmsg_put_header(buffer.data());
  header->nlmsg_type = kind.request;
  header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  mnl_nlmsg_put_extra_header(header, kind.head_bytes);  // zeroes: every family
  if (mnl_socket_sendto(&socket, header, header->nlmsg_len) < 0) return refused();
  return {};
}

/// Whether the list is of one state; it is added to `tables`.
base::Result<bool, Error> list(mnl_socket& socket, const Kind& kind, Tables& tables) {
  if (auto asked = ask(socket, kind); !asked) return std::unexpected(asked.error());
  alignas(nlmsghdr) std::array<std::uint8_t, kDatagramBytes> buffer;
  bool whole = true;
  for (;;) {
    const ssize_t length = mnl_socket_recvfrom(&socket, buffer.data(), buffer.size());
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) return refused();
    const Heard heard = take(base::ByteView(buffer).first(static_cast<std::size_t>(length)), tables);
    if (heard.error != 0) return std::unexpected(Error{ErrorCode::kRefused, heard.error});
    if (tables.size() > kMaxEntries) return std::unexpected(Error{ErrorCode::kTooMany, 0});
    whole = whole && !heard.interrupted;
    if (heard.done) return whole;
  }
}

base::Result<bool, Error> list_all(mnl_socket& socket, std::span<const Kind> kinds, Tables& tables) {
  for (const Kind& kind : kinds) {
    TED_TRY(const bool whole, list(socket, kind, tables));
    if (!whole) return false;
  }
  return true;
}

base::Result<Tables, Error> dump(std::span<const Kind> kinds) {
  const Socket socket(mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC));
  if (!socket || mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) != 0) {
    return std::unexpected(Error{ErrorCode::kNoSocket, errno});
  }
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    Tables tables;
    TED_TRY(const bool whole, list_all(*socket, kinds, tables));
    if (whole) return tables;
  }
  return std::unexpected(Error{ErrorCode::kInterrupted, 0});
}

}  // namespace

base::Result<Tables, Error> dump() {
  return dump(kKinds);
}

base::Result<Tables, Error> dump_interfaces() {
  return dump(std::span(kKinds).first<2>());
}

}  // namespace rtnl
