// What `tedbench micro` times. Each function adds its cases; what they refer to lives in their closures.
#pragma once

#include <vector>

#include "measure.hpp"

namespace bench {

/// Floors of this machine, the codec, and the intersection of two lines.
void add_wire_cases(std::vector<Case>& cases);
/// Whole events through the engine, actions fetched.
void add_engine_cases(std::vector<Case>& cases);

}  // namespace bench
