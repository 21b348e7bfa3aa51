// Probes of others that were not answered lately, and why not: what `tedctl why` at this end can tell of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "base/address.hpp"
#include "base/address_hash.hpp"
#include "base/flow.hpp"
#include "base/recent.hpp"
#include "base/time.hpp"
#include "engine/counters.hpp"
#include "engine/limits.hpp"
#include "engine/ruling.hpp"
#include "policy/snapshot.hpp"

namespace engine {

struct UnansweredProbe {
  base::Instant at{};
  Ruling ruling{};
  base::Flow flow;          ///< what it asks for, as its asker writes it; in the draft form it stands for itself
  base::Address came_from;  ///< as its IP header says
  base::Address went_to;
  base::Address gateway;    ///< that asks
  std::string fault;        ///< what is wrong with what it proves; empty where the ruling asks for nothing of that
  std::uint64_t times = 0;  ///< that this pair of hosts was asked for in vain
};

/// The last one of each pair of hosts, at most kMaxUnanswered pairs. Anybody can fill it with what nobody asks about:
/// it is a help, and nothing is decided by it.
class Unanswered {
 public:
  /// `secret`: nobody can know it, so that nobody can choose hosts which one look-up walks through.
  Unanswered(std::uint64_t secret, Counters& counters)
      : last_(kMaxUnanswered, counters.cell(Counter::kUnansweredForgotten),
              HostsHash{base::AddressHash::keyed(secret)}) {}

  void note(UnansweredProbe probe) {
    UnansweredProbe& known = last_.touch({probe.flow.source, probe.flow.destination});
    probe.times = known.times + 1;
    known = std::move(probe);
  }
  /// That which asked last for a flow between these two hosts; null when none is remembered. `inbound` is written from
  /// our side.
  [[nodiscard]] const UnansweredProbe* about(const base::Flow& inbound) const {
    return last_.find({inbound.destination, inbound.source});
  }
  /// Another policy would rule otherwise.
  void clear() { last_.clear(); }

 private:
  using Hosts = std::pair<base::Address, base::Address>;
  struct HostsHash {
    base::AddressHash one;
    std::size_t operator()(const Hosts& hosts) const {
      return one(hosts.first) + (one(hosts.second) * 0x9e3779b97f4a7c15U);
    }
  };

  base::Recent<Hosts, UnansweredProbe, HostsHash> last_;
};

/// Why the probe was not answered, in a sentence: the ruling's words and what they are about here. `policy` is the one
/// in force.
[[nodiscard]] std::string story(const UnansweredProbe& probe, const policy::Snapshot& policy);

}  // namespace engine
