// One guard in place of another, while packets pass.
//
// The kernel tells a packet once, when it enters, which generation of a chain's rules it meets, but asks anew at each
// look-up in a set: what a transaction deletes from a set is gone for packets that still meet the rules before it, and
// after one more transaction their chains' rules, too. So nothing that packets may meet is ever changed or deleted
// here:
//   1. the new edition is built beside the old one; nothing leads to it;
//   2. one transaction puts a `goto` to it at the head of each hook's chain, which has no set to look in;
//   3. every packet that met a chain before that is waited for;
//   4. what is not the new edition is deleted, also what a tedd that was killed on the way has left.
// Whatever ends it on the way, one whole guard is in force. docs/firewall.md has the long form.
#pragma once

#include <optional>
#include <span>

#include "base/result.hpp"
#include "base/selector.hpp"
#include "platform/nft/client.hpp"
#include "platform/nft/dynamic.hpp"
#include "platform/nft/edition.hpp"
#include "platform/nft/guard.hpp"
#include "policy/guard_plan.hpp"
#include "policy/snapshot.hpp"

namespace nft {

/// What a guard is made of. All of it must outlive the call.
struct Guard {
  const policy::Snapshot& policy;
  const GuardOptions& options;
  const policy::GuardPlan* plan = nullptr;  ///< the policy's own; nothing: a line for each line
  std::span<const base::Selector> tunnels{};
  std::span<const Opening> openings{};
};

struct Replaced {
  Edition edition{};  ///< in force
  /// Why what stood before is still there, where nothing leads to it; the next replacement tries again.
  std::optional<Error> left;
};

/// Puts the guard in force in place of whatever is in the table, if there is one. On an error the one before is in
/// force, as it was.
[[nodiscard]] base::Result<Replaced, Error> replace_guard(Client& client, const Guard& guard);

}  // namespace nft
