#include "platform/xfrm/policies.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <libmnl/libmnl.h>
#include <linux/xfrm.h>
#include <memory>
#include <system_error>
#include <vector>

#include "platform/rights/capabilities.hpp"
#include "platform/xfrm/messages.hpp"

namespace xfrm {
namespace {

/// The kernel fills 32 KiB at most.
constexpr std::size_t kDatagramBytes = 64 << 10;

struct Close {
  void operator()(mnl_socket* socket) const { mnl_socket_close(socket); }
};
using Socket = std::unique_ptr<mnl_socket, Close>;
using Buffer = std::array<char, kDatagramBytes>;

std::unexpected<std::string> refused(const char* what) {
  return std::unexpected(std::string(what) + ": " + std::generic_category().message(errno));
}

int add_policy(const nlmsghdr* message, void* to) {
  if (auto listed = read_policy(*message)) static_cast<std::vector<Listed>*>(to)->push_back(*listed);
  return MNL_CB_OK;
}

/// Reads answers until the last; false, and errno, when the kernel refuses.
bool hear(mnl_socket& socket, mnl_cb_t callback, void* data) {
  alignas(nlmsghdr) Buffer buffer;
  for (int goes_on = MNL_CB_OK; goes_on > MNL_CB_STOP;) {
    const ssize_t length = mnl_socket_recvfrom(&socket, buffer.data(), buffer.size());
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) return false;
    goes_on =
        mnl_cb_run(buffer.data(), static_cast<std::size_t>(length), 0, mnl_socket_get_portid(&socket), callback, data);
    if (goes_on < 0) return false;
  }
  return true;
}

bool ask(mnl_socket& socket, std::uint16_t type, std::uint16_t flags, const xfrm_userpolicy_id& id) {
  alignas(nlmsghdr) std::array<char, 256> buffer{};
  nlmsghdr* header = mnl_nlmsg_put_header(buffer.data());
  header->nlmsg_type = type;
  header->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
  std::memcpy(mnl_nlmsg_put_extra_header(header, sizeof id), &id, sizeof id);
  return mnl_socket_sendto(&socket, header, header->nlmsg_len) >= 0;
}

}  // namespace

base::Result<std::size_t, std::string> remove_policies(const std::function<bool(const TunnelPolicy&)>& is_stale) {
  const rights::Raised raised({rights::Capability::kNetAdmin});
  const Socket socket(mnl_socket_open2(NETLINK_XFRM, SOCK_CLOEXEC));
  if (!socket && errno == EPROTONOSUPPORT) return 0;
  if (!socket || mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) != 0) {
    return refused("no netlink socket for IPsec policies");
  }
  std::vector<Listed> all;
  if (!ask(*socket, XFRM_MSG_GETPOLICY, NLM_F_DUMP, {}) || !hear(*socket, add_policy, &all)) {
    return refused("the kernel does not list its IPsec policies");
  }
  std::size_t removed = 0;
  base::Result<void, std::string> result;
  for (const Listed& one : all) {
    if (!is_stale(one.policy)) continue;
    const bool done = ask(*socket, XFRM_MSG_DELPOLICY, NLM_F_ACK, one.id) && hear(*socket, nullptr, nullptr);
    if (!done && errno != ENOENT) result = refused("the kernel does not take out an IPsec policy");
    removed += done ? 1 : 0;
  }
  if (!result) return std::unexpected(std::move(result).error());
  return removed;
}

}  // namespace xfrm
