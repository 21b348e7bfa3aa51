// The same said of a flow's tunnel in fewer words.
#pragma once

#include <cstdint>

#include "policy/knowledge.hpp"

namespace policy {

/// Says it with fewer ends and exemptions. Of products that contain `flow`, for its protocol or for any, and within the
/// sides, exactly those stay clear of the exemptions that did before; flows elsewhere may be exempt afterwards that
/// were not. `flow` is in none of the exemptions. The order is lost.
///
/// A line that holds P's own place on one side can be avoided on the other only: there it takes its rows whatever its
/// columns are. Where a line holds P's addresses no tunnel can be for any protocol, and lines of others say nothing.
template <class Word>
void compact(Knowledge<Word>& known, const base::Flow& flow);

extern template void compact(Knowledge<std::uint32_t>&, const base::Flow&);
extern template void compact(Knowledge<base::Uint128>&, const base::Flow&);

}  // namespace policy
