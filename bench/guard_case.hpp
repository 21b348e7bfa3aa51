// What `tedbench guard` needs of C++: the guard of a generated policy, and packets sent as fast as the kernel takes
// them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace bench {

struct Replacement {
  double plan_ms = 0;    ///< until the policy's plan is made
  double kernel_ms = 0;  ///< and from then on until its guard is in force and the one before it deleted
};

/// Puts the guard for `rules` rules in force in this network namespace. `form` is "lines" or "plan", for a /24 each,
/// the last of which lets UDP from 10.1.0.0/16 to 10.2.0.0/16 pass; or "crossing", for those of rule_set.hpp, as a
/// plan; or "userspace", lines as tedd has them, who names a tunnel interface; or "beside", where a narrow tunnel of
/// userspace ESP stands between the flood's networks, and does not carry it. Fails when the policy is refused, or by
/// the kernel.
[[nodiscard]] base::Result<Replacement, std::string> replace_guard(std::size_t rules, std::string_view form);

/// Has the safety net for those rules stand until the process is killed, and prints `ready`; the reason when it cannot.
[[nodiscard]] std::string keep_net(std::size_t rules);

/// Sends `count` datagrams to 10.2.0.10 and gives the nanoseconds of this thread's processor for each, the way through
/// the gateway's namespace with it; below zero: it failed.
[[nodiscard]] double flood(std::size_t count);

}  // namespace bench
