// The kernel's tables, asked for as a whole.
#pragma once

#include "base/result.hpp"
#include "platform/rtnl/error.hpp"
#include "platform/rtnl/tables.hpp"

namespace rtnl {

/// Links, addresses and routes of the calling thread's network namespace, each list without a change in the middle of
/// it. What changed between two lists is told by a Watch that was opened before. No rights are needed.
[[nodiscard]] base::Result<Tables, Error> dump();

/// The links and addresses alone, however many routes there are.
[[nodiscard]] base::Result<Tables, Error> dump_interfaces();

}  // namespace rtnl
