// Why a flow fares as explain() says, in sentences for people.
#pragma once

#include <string>
#include <vector>

#include "policy/explain.hpp"

namespace policy {

/// What each end's first match is, or which rule would be it but for one part; whose answers it takes, whom the peer's
/// answers and with how much; what the matched lines have in common; which earlier lines cut the tunnel, on which side
/// and what each takes; and what becomes of the packet when there is no tunnel. `found` is explain() of the same
/// policies, flow and plane. Work and length are bounded.
[[nodiscard]] std::vector<std::string> story(const Explanation& found, const Snapshot& mine, const Snapshot* peer,
                                             DataPlane plane);

/// The value of that part of a selector, as Selector::text() would write it.
[[nodiscard]] std::string part_text(const base::Selector& selector, EmptyPart part);

}  // namespace policy
