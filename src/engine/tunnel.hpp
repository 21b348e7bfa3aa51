// One tunnel that stands, and what is known of it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/flow.hpp"
#include "base/time.hpp"
#include "engine/event.hpp"
#include "engine/form.hpp"
#include "engine/path_check.hpp"
#include "policy/snapshot.hpp"

namespace engine {

/// Who asked for a tunnel. Both ends know, also after a restart: charon's names of the CHILD_SA tell.
enum class Asker : std::uint8_t { kWe, kPeer };

/// What its path is checked by stands in front: that is read all the time.
struct Tunnel {
  PathCheck check{};                 ///< of PathChecks
  Tunnel* next_with_peer = nullptr;  ///< of PeerRings, as is the next
  Tunnel* previous_with_peer = nullptr;
  base::Instant renewed{};     ///< since when its CHILD_SA stands: rekeying makes another one
  policy::RuleIndex rule{};    ///< the rule that protects its flows
  bool is_ending = false;      ///< it is to be taken down
  bool is_sample = true;       ///< nobody knows a flow that it was made for: `flow` is any one that it carries
  std::optional<Form> form{};  ///< of the discovery that led to it; nothing where nobody saw that
  base::Flow flow;             ///< one that it carries: that of the packet that it was made for
  TunnelUp facts;
  TunnelId first{};  ///< the number that it came up with: rekeying gives it others
  std::string rule_name;
  base::Instant since{};
  std::optional<base::Instant> astray{};  ///< when a flow of its was caught last instead of carried

  [[nodiscard]] Asker asker() const { return facts.cookie ? Asker::kWe : Asker::kPeer; }
};

[[nodiscard]] inline bool any_carries(const std::vector<base::Selector>& selectors, const base::Flow& flow) {
  return std::ranges::any_of(selectors, [&flow](const auto& one) { return one.contains(flow); });
}

/// Mostly it is the flow that it is known by.
[[nodiscard]] inline bool carries(const Tunnel& tunnel, const base::Flow& flow) {
  return flow == tunnel.flow || any_carries(tunnel.facts.selectors, flow);
}

}  // namespace engine
