// The largest product of two lists around a flow (docs/policy.md): what a tunnel may carry.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/offer.hpp"
#include "policy/carve.hpp"
#include "policy/knowledge.hpp"
#include "policy/snapshot.hpp"

namespace policy {

using base::Offer;

/// A product that contains `flow`, that lies in `mine` and in `theirs` (null: no such limit) and is clear of what
/// either exempts, that the data plane takes to the letter, and to which nothing can be added on either side, in
/// protocol or in ports, within `limit` ends a side. Both are written from one side; which of them is whose makes no
/// difference, nor does it from which side they are written, unless the flow goes from an address to itself. Nothing
/// when one of them does not contain `flow`.
template <class Word>
[[nodiscard]] std::optional<base::SelectorList> largest_product(const Knowledge<Word>& mine,
                                                                const Knowledge<Word>* theirs, const base::Flow& flow,
                                                                DataPlane plane, std::size_t limit);

/// The same of two offers, within max_ends().
[[nodiscard]] std::optional<base::SelectorList> largest_product(const Offer& mine, const Offer& theirs,
                                                                const base::Flow& flow, DataPlane plane);

/// The same under this policy alone: every flow in it has `match.rule` as its first match. `match` is the flow's own.
[[nodiscard]] base::SelectorList largest_product(const Snapshot& snapshot, const Match& match, const base::Flow& flow,
                                                 DataPlane plane);

extern template std::optional<base::SelectorList> largest_product(const Knowledge<std::uint32_t>&,
                                                                  const Knowledge<std::uint32_t>*, const base::Flow&,
                                                                  DataPlane, std::size_t);
extern template std::optional<base::SelectorList> largest_product(const Knowledge<base::Uint128>&,
                                                                  const Knowledge<base::Uint128>*, const base::Flow&,
                                                                  DataPlane, std::size_t);

}  // namespace policy
