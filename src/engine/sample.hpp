// One flow of many: what to probe with when nobody knows for which packet a tunnel was made.
#pragma once

#include "base/flow.hpp"
#include "base/selector.hpp"

namespace engine {

/// A flow in the selector, always the same one: of each side the first host, of each range of ports the first port that
/// is not 0; UDP where it may be any protocol.
[[nodiscard]] base::Flow sample_of(const base::Selector& selector);

}  // namespace engine
