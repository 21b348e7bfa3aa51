// Around what a policy blocks or protects.
#pragma once

#include <span>
#include <vector>

#include "platform/nft/interval.hpp"
#include "policy/rule.hpp"

namespace nft {

/// Addresses of one family on one side of all rules that block or protect, and that have both sides in that family:
/// sorted, apart, at most 256 intervals. Where there are more, the nearest are joined with what lies between.
[[nodiscard]] std::vector<Interval> covered(std::span<const policy::Rule> rules, base::Family family,
                                            std::vector<base::MaskedAddress> policy::Rule::* side);

}  // namespace nft
