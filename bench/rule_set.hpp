// Policies and flows for benchmarks, like those of ClassBench's firewalls (Taylor and Turner 2005) and made here: a few
// hundred networks that rules share, wildcards on either side, well-known ports, and earlier lines that cut later ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "base/flow.hpp"
#include "policy/rule.hpp"

namespace bench {

enum class Masks : std::uint8_t { kPrefixes, kAnyShape };

/// `count` IPv4 rules of one line each, the same for the same seed. With kAnyShape every fourth address has a mask with
/// holes.
[[nodiscard]] std::vector<policy::Rule> make_rules(std::size_t count, Masks masks, std::uint32_t seed);

/// Flows of which nine in ten are in a rule that is drawn at random, perhaps behind an earlier one; the others are
/// anywhere.
[[nodiscard]] std::vector<base::Flow> make_flows(const std::vector<policy::Rule>& rules, std::size_t count,
                                                 std::uint32_t seed);

}  // namespace bench
