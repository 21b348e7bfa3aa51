// The bounded table of discoveries: found by what they look for, by cookie, and by deadline.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/fetch.hpp"
#include "base/time.hpp"
#include "engine/counters.hpp"
#include "engine/deadlines.hpp"
#include "engine/discovery.hpp"
#include "engine/limits.hpp"

namespace engine {

/// One discovery for each (rule, destination) at a time; traces stand beside them.
class Discoveries {
 public:
  explicit Discoveries(Counters& counters, std::size_t most = kMaxDiscoveries) : counters_(counters), most_(most) {}

  [[nodiscard]] std::size_t size() const { return by_id_.size(); }
  [[nodiscard]] bool is_full() const { return size() >= most_; }
  [[nodiscard]] const std::map<DiscoveryId, Discovery>& all() const { return by_id_; }

  /// The discovery of that rule and destination, traces left out; null when there is none.
  [[nodiscard]] Discovery* find(policy::RuleIndex rule, const base::Address& destination);
  /// The discovery whose latest probe carried that cookie; null when there is none.
  [[nodiscard]] Discovery* find(const wire::Cookie& cookie);
  [[nodiscard]] Discovery* find(DiscoveryId id);

  /// One that negotiates a tunnel which will carry the flow, whose rule that is: with `peer`, or with anybody when that
  /// is null. Of very many negotiations for one rule only some are looked at (kMaxLookedThrough).
  [[nodiscard]] const Discovery* negotiating(policy::RuleIndex rule, const base::Address* peer,
                                             const base::Flow& flow) const;

  /// Those that wait for the tunnel that `one` negotiated. They are of the same rule and peer.
  [[nodiscard]] std::vector<DiscoveryId> waiting_for(const Discovery& one) const;

  /// The one in that state that was added first, traces left out; null when there is none.
  [[nodiscard]] Discovery* oldest(State state);

  /// True when the host has as many discoveries as places are left, so that no number of them keeps the others out: one
  /// that scans has half the table at most, two have two thirds.
  [[nodiscard]] bool has_its_share(const base::Address& source) const;
  /// A new, idle discovery; null when the table is full. `find` of the same key must have been null.
  [[nodiscard]] Discovery* add(const base::Flow& flow, policy::RuleIndex rule, std::optional<TraceId> trace);

  /// The one place where a state is assigned. The move that was made; null, and counted, when the pair is illegal.
  const Move* advance(Discovery& discovery, Cue cue);

  void set_flow(Discovery& discovery, const base::Flow& flow);
  void set_cookie(Discovery& discovery, const wire::Cookie& cookie);
  void set_deadline(Discovery& discovery, base::Instant deadline);

  [[nodiscard]] std::optional<base::Instant> next_deadline() const;
  /// The discovery with the earliest deadline not after `now`; null when there is none.
  [[nodiscard]] Discovery* due(base::Instant now);

  void erase(Discovery& discovery);
  void clear();

  /// Asks for what finds them.
  void fetch() const {
    base::fetch(by_cookie_);
    base::fetch(by_deadline_);
    base::fetch(negotiating_);
  }

 private:
  using Key = std::pair<policy::RuleIndex, base::Address>;

  // What finds a discovery points at it, and reads there what it is found by.
  static DiscoveryId id_of(const Discovery* discovery) { return discovery->id; }
  static Key key_of(const Discovery* discovery) { return {discovery->rule, discovery->flow.destination}; }
  /// Orders by what `kRead` reads, and finds by its value.
  template <auto kRead>
  struct Order {
    using is_transparent = void;
    using Value = std::invoke_result_t<decltype(kRead), const Discovery*>;
    bool operator()(const Discovery* one, const Discovery* other) const { return kRead(one) < kRead(other); }
    bool operator()(const Discovery* one, const Value& other) const { return kRead(one) < other; }
    bool operator()(const Value& one, const Discovery* other) const { return one < kRead(other); }
  };
  template <auto kRead>
  using Index = std::set<Discovery*, Order<kRead>>;

  /// Only our own cookies are kept, and nobody else can tell them beforehand: they are as good as hashes.
  struct CookieHash {
    using is_transparent = void;
    std::size_t operator()(const wire::Cookie& cookie) const { return std::bit_cast<std::uint64_t>(cookie); }
    std::size_t operator()(const Discovery* discovery) const { return (*this)(discovery->cookie); }
  };
  struct CookieEqual {
    using is_transparent = void;
    bool operator()(const Discovery* one, const Discovery* other) const { return one == other; }
    bool operator()(const wire::Cookie& cookie, const Discovery* discovery) const {
      return discovery->cookie == cookie;
    }
    bool operator()(const Discovery* discovery, const wire::Cookie& cookie) const {
      return discovery->cookie == cookie;
    }
  };

  void leave(Discovery& discovery);
  void forget_source(const base::Address& source);
  void enter(Discovery& discovery);
  [[nodiscard]] Index<id_of>& in_state(State state) { return by_state_[static_cast<std::size_t>(state)]; }

  Counters& counters_;
  std::size_t most_;
  std::uint64_t last_id_ = 0;
  std::map<DiscoveryId, Discovery> by_id_;
  Index<key_of> by_key_;
  std::unordered_set<Discovery*, CookieHash, CookieEqual> by_cookie_;
  Deadlines<Discovery> by_deadline_;
  std::unordered_map<base::Address, std::uint32_t> count_of_source_;
  std::array<Index<id_of>, kStateCount> by_state_;
  std::set<std::pair<policy::RuleIndex, DiscoveryId>> negotiating_;
};

}  // namespace engine
