// Sentences that tedd and tedctl both say.
#pragma once

#include <string>
#include <string_view>

namespace control {

/// What to know about a rule with `first_packet = "hold"`, which the configuration takes and this version does not do.
[[nodiscard]] std::string hold_is_drop(std::string_view rule);

}  // namespace control
