// What a tunnel may carry: the part of a line around a flow that no earlier line exempts and a data plane takes to the
// letter (docs/policy.md; protocol.md section 3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/selector.hpp"
#include "policy/snapshot.hpp"

namespace policy {

/// How selectors can be written at the two ends of a tunnel. The kernel takes prefixes and aligned power-of-two port
/// blocks, and lists of them. Userspace ESP takes any port range, and one prefix a side: for each local one it installs
/// a route, which fails where the gateway has no address of its own inside. Neither takes a mask that is no prefix.
enum class DataPlane : std::uint8_t {
  kKernel,
  kUserspace,
  kMixed,  ///< one at either end, or the other end's is not known: the limits of both
};

/// That of a tunnel between the two.
[[nodiscard]] constexpr DataPlane common(DataPlane one, DataPlane other) {
  return one == other ? one : DataPlane::kMixed;
}
/// Ends on a side of a tunnel at most. IKEv2 could say 255, and the kernel keeps a policy for each pair.
[[nodiscard]] constexpr std::size_t max_ends(DataPlane plane) {
  return plane == DataPlane::kKernel ? 64 : 1;
}

/// A box inside `box` that contains `flow` and that the data plane takes to the letter: masks become the largest
/// prefix, port ranges the largest block around the flow. Never wider than `box`, which must contain `flow`.
[[nodiscard]] base::Selector exact(const base::Selector& box, const base::Flow& flow, DataPlane plane);

/// A box inside `box` around `flow` in which every flow has `match.rule` as its first match: each earlier line that
/// touches the box cuts it in the one dimension that costs least, and at the end each dimension grows back as far as
/// the cuts in the others allow. `match` is first_match(flow), `box` contains `flow`. Port cuts are made in the plane's
/// blocks; addresses are cut to prefixes, so an exact() box stays one. This is one box; lists are a later extension.
[[nodiscard]] base::Selector carve(const Snapshot& snapshot, const Match& match, const base::Selector& box,
                                   const base::Flow& flow, DataPlane plane = DataPlane::kUserspace);

/// `set` without `hole`, as large a prefix around `address` as that allows, which `set` contains: the highest bit that
/// `hole` fixes and `set` leaves open, and that tells `address` from the hole, becomes significant with everything
/// above it. Nothing when the hole contains `address`.
[[nodiscard]] std::optional<base::MaskedAddress> cut_address(const base::MaskedAddress& set,
                                                             const base::MaskedAddress& hole,
                                                             const base::Address& address);

}  // namespace policy
