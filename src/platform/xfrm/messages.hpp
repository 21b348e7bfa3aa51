// What the kernel says about an IPsec policy on a netlink socket.
#pragma once

#include <libmnl/libmnl.h>
#include <linux/xfrm.h>
#include <optional>

#include "platform/xfrm/policies.hpp"

namespace xfrm {

struct Listed {
  TunnelPolicy policy;
  xfrm_userpolicy_id id{};  ///< to name it to the kernel
};

/// The policy in one XFRM_MSG_NEWPOLICY message; nothing when it is not of an ESP tunnel, or makes no sense.
[[nodiscard]] std::optional<Listed> read_policy(const nlmsghdr& message);

}  // namespace xfrm
