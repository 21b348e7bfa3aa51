// The values of the base layer as JSON: the shapes that interfaces.md promises.
#pragma once

#include "base/flow.hpp"
#include "base/selector.hpp"
#include "control/json.hpp"

namespace control {

/// `{"protocol": 0–255 or "any", "local": "10.1.0.0/16", "remote": "10.2.0.0/24", "local_port": [lo, hi],
/// "remote_port": [lo, hi]}`; an address is `A.B.C.D/MASK` when its mask is no prefix.
[[nodiscard]] Json selector_json(const base::Selector& selector);

/// A selector, or null for nothing.
[[nodiscard]] Json selector_json(const std::optional<base::Selector>& selector);

/// The selector that selector_json() wrote. Errors name the member: kMissing, kWrongType, kBadValue; addresses of two
/// families are a bad value.
[[nodiscard]] base::Result<base::Selector, Error> selector_of(const Json& json);

/// `[lo, hi]`
[[nodiscard]] Json port_range_json(base::PortRange range);

}  // namespace control
