// The kernel's IPsec policies, as far as they are of ESP tunnels. charon puts them there and takes them out; one that
// was killed leaves them, and what they cover goes on being encrypted for nobody.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "base/address.hpp"
#include "base/result.hpp"
#include "base/selector.hpp"

namespace xfrm {

/// One policy, of any direction.
struct TunnelPolicy {
  base::Selector selector;  ///< what it covers, written from this machine's side
  base::Address local;      ///< the tunnel's end here
  base::Address peer;

  bool operator==(const TunnelPolicy&) const = default;
};

/// Takes out, in the calling thread's network namespace, every policy that `is_stale` says yes to: how many there were.
/// A kernel without IPsec has none. An error is for people: some may be left.
[[nodiscard]] base::Result<std::size_t, std::string> remove_policies(
    const std::function<bool(const TunnelPolicy&)>& is_stale);

}  // namespace xfrm
