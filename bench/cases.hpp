// What `tedbench micro` times. Each function adds its cases; what they refer to lives in their closures.
#pragma once

#include <string>
#include <vector>

#include "measure.hpp"

namespace bench {

/// Floors of this machine, the codec, and the intersection of two lines.
void add_wire_cases(std::vector<Case>& cases);
/// First match and carving at 10 to 100,000 rules, beside rte_acl; sizes in memory go to `facts`. False, said on
/// standard error, when the two do not agree.
[[nodiscard]] bool add_policy_cases(std::vector<Case>& cases, std::vector<std::string>& facts);
/// Whole events through the engine, actions fetched.
void add_engine_cases(std::vector<Case>& cases);
/// What the engine keeps on the heap for each pending discovery, and for each peer.
void add_engine_facts(std::vector<std::string>& facts);

}  // namespace bench
