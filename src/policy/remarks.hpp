// What to know about rules that are valid and may not do what was meant: for tedd's log and `tedctl check`.
#pragma once

#include <string>
#include <vector>

#include "policy/snapshot.hpp"

namespace policy {

struct Remark {
  RuleIndex rule{};
  std::string text;  ///< a sentence that names the rule, and the way out

  bool operator==(const Remark&) const = default;
};

/// One for each rule that is never reached; those of which that takes longer to find out than a daemon may stand still
/// (a few hundredths of a second) are left out: `tedctl check` takes its time.
[[nodiscard]] std::vector<Remark> shadow_remarks(const Snapshot& snapshot);

/// In the order of the rules; none when all is as written. Speaks of rules that protect addresses under a mask that is
/// no prefix, which no data plane takes as they are, of port ranges and ICMP types that kernel ESP takes in pieces, of
/// types and ports that userspace ESP cannot see, of
/// rules that would answer old peers and cannot, and of rules that protect what never leaves: the same addresses on
/// both sides, with nothing above that exempts them.
[[nodiscard]] std::vector<Remark> remarks(const Snapshot& snapshot);

}  // namespace policy
