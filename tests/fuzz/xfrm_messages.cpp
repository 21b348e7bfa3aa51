// Any bytes on the netlink socket of IPsec policies: read without a step outside, and a policy that comes of it is of
// one family and names what it stands for.
#include <libmnl/libmnl.h>
#include <vector>

#include "fuzz/fuzz.hpp"
#include "platform/xfrm/messages.hpp"

namespace {

void check(const xfrm::Listed& listed) {
  const base::Selector& box = listed.policy.selector;
  require(box.local.family() == box.remote.family());
  require(listed.policy.local.family() == listed.policy.peer.family());
  require(box.protocol || (box.local_port.is_any() && box.remote_port.is_any()));
  require(box.local_port.lo <= box.local_port.hi && box.remote_port.lo <= box.remote_port.hi);
  require(listed.id.dir <= XFRM_POLICY_FWD);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::uint8_t> datagram(data, data + size);  // exactly that long, and aligned
  const auto* message = reinterpret_cast<const nlmsghdr*>(datagram.data());
  auto left = static_cast<int>(size);
  // libmnl takes a length from 2^31 on for a negative one, and comes to no end; the kernel frames what it sends.
  while (mnl_nlmsg_ok(message, left) && message->nlmsg_len <= static_cast<unsigned>(left)) {
    if (const auto listed = xfrm::read_policy(*message)) check(*listed);
    message = mnl_nlmsg_next(message, &left);
  }
  return 0;
}
