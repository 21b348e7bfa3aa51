// The part of an agreement that the peer may speak for.
#pragma once

#include <cstddef>
#include <optional>

#include "base/address_set.hpp"
#include "base/flow.hpp"
#include "base/selector_list.hpp"

namespace engine {

/// The same local ends with as much of the remote ones as is allowed, in prefixes; nothing when the flow is not in it.
/// When that would be more than `most` ends it is the one that the flow is in. A remote address with a mask that is no
/// prefix stays whole or goes.
[[nodiscard]] std::optional<base::SelectorList> part_within(const base::SelectorList& agreed,
                                                            const base::AddressSet& allowed, const base::Flow& flow,
                                                            std::size_t most);

}  // namespace engine
