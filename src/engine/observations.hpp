// What a gateway that only observes (mode = "observe") has found out: which of the flows that pass would be protected,
// by a tunnel with whom, and which would not, for what reason.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/flow.hpp"
#include "base/selector_list.hpp"
#include "base/time.hpp"
#include "engine/counters.hpp"
#include "policy/snapshot.hpp"

namespace engine {

enum class Finding : std::uint8_t {
  kWouldProtect,  ///< a gateway answered and the policies meet: a tunnel would come up
  kUnanswered,    ///< nobody answered: `on_failure` of the rule would say what becomes of it
  kDisagreed,     ///< a gateway answered, and there is nothing to agree on
};

/// `would_protect`, `unanswered`, `disagreed`
[[nodiscard]] std::string_view name(Finding finding);

/// One tunnel that would come up, or one destination for which none would.
struct Observation {
  policy::RuleIndex rule{};
  base::Flow flow;  ///< the one that was looked for last
  Finding finding{};
  std::optional<base::Address> peer{};         ///< who answered
  std::optional<base::SelectorList> agreed{};  ///< what the tunnel would carry
  bool peer_observes = false;                  ///< it does not protect yet, either
  std::string reason{};                        ///< why there would be no tunnel, for people
  std::uint64_t flows = 1;                     ///< copies that were seen of flows of it
  base::Instant first{};
  base::Instant last{};   ///< when such a flow was seen
  base::Instant asked{};  ///< when it was found out last
};

/// Bounded: past kMaxObservations the host whose flows fill most of it loses what was seen least lately of it, so that
/// one that scans leaves the others theirs.
class Observations {
 public:
  explicit Observations(Counters& counters) : counters_(counters) {}

  /// A flow of that rule passed. True when a tunnel that would carry it was found out lately: nothing is to be asked.
  [[nodiscard]] bool seen(policy::RuleIndex rule, const base::Flow& flow, base::Instant now);
  /// What came of the discovery for `found.flow`; times and number of flows are this table's.
  void note(Observation found, base::Instant now);
  void clear() { all_.clear(); }

  /// In the order in which they were found first.
  [[nodiscard]] std::span<const Observation> all() const { return all_; }

 private:
  void make_room();

  Counters& counters_;
  std::vector<Observation> all_;
};

}  // namespace engine
