// The two parts of the guard that change while a policy stands: tunnels of userspace ESP, and openings.
#pragma once

#include <chrono>
#include <span>
#include <string>

#include "base/address.hpp"
#include "base/selector.hpp"
#include "platform/nft/edition.hpp"
#include "policy/guard_plan.hpp"
#include "policy/snapshot.hpp"

namespace nft {

/// The text of one transaction that makes `selectors` the only traffic that may leave through the tunnel interface.
/// With kernel ESP it changes nothing that a packet meets. That edition of the guard must be there.
[[nodiscard]] std::string tunnels_ruleset(std::span<const base::Selector> selectors, Edition edition);

/// The same where exactly `standing` is in force already: empty when nothing is to do, and additions alone when nothing
/// goes, which costs a new tunnel the same however many stand. Order and repetition mean nothing.
[[nodiscard]] std::string tunnels_update(std::span<const base::Selector> standing,
                                         std::span<const base::Selector> wanted, Edition edition);

/// Traffic of one rule that passes in the clear to one destination, and its replies, because no peer was found and the
/// rule says `on_failure = "bypass"`.
struct Opening {
  policy::RuleIndex rule{};
  base::Address destination;
  /// The kernel closes it after this time, so that a tedd that dies leaves nothing open for good; zero: when replaced.
  std::chrono::seconds lifetime{0};
};

/// At most this many openings of one rule and family stand at a time: the kernel refuses more, and the whole text.
inline constexpr std::size_t kMaxOpeningsPerRule = 4096;

/// The text of one transaction that makes `openings` the only ones. `policy` is the one that the guard was made for.
/// Openings of a rule that does not bypass on failure, or that `policy` does not have, are left out.
[[nodiscard]] std::string openings_ruleset(const policy::Snapshot& policy, std::span<const Opening> openings,
                                           Edition edition);

/// The guard has a place for openings of a rule of which this is true.
using policy::may_open;
/// True when the rule has a remote entry of that family.
[[nodiscard]] bool has_remote(const policy::Rule& rule, base::Family family);
/// The name of the set that holds a rule's openings of one family, but for its edition: `open4_7`.
[[nodiscard]] std::string opening_set(std::size_t rule, base::Family family);

}  // namespace nft
