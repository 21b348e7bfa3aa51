// What both roles of the engine share: policy in force, our addresses, chance, counters, and the queue of actions.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/action.hpp"
#include "engine/counters.hpp"
#include "engine/limits.hpp"
#include "engine/ports.hpp"
#include "engine/queue.hpp"
#include "policy/carve.hpp"
#include "policy/snapshot.hpp"

namespace engine {

/// Who this gateway is, and what it runs on.
struct Settings {
  std::vector<base::Address> gateways;  ///< our tunnel endpoints, in order of preference
  policy::DataPlane data_plane = policy::DataPlane::kKernel;
  /// It finds out what would be protected, asks for no tunnel, and answers only those that do the same
  /// (engine/observations.hpp).
  bool observes = false;
  Limits limits{};
};

struct Context {
  Settings settings;
  std::vector<base::Address> machine;  ///< in order: see MachineAddresses
  std::shared_ptr<const policy::Snapshot> policy;
  Ports ports;
  Counters counters;
  Queue<Action> actions;
  Queue<Report> reports;

  template <class What>
  void act(What what) {
    actions.emplace(std::move(what));
  }
  /// Asks for the memory that every event reads.
  void fetch() const {
    base::fetch(settings);
    base::fetch(policy);
    base::fetch(ports);
    base::fetch(actions);
    base::fetch(reports);
    for (const Counter counter : {Counter::kProbesSent, Counter::kProbesReceived, Counter::kResponsesReceived})
      counters.fetch(counter);
  }
  /// Asked before a report that anybody on the network can cause.
  [[nodiscard]] bool wants(ReportId id) const { return ports.audience == nullptr || ports.audience->wants(id); }
  void report(ReportId id, std::string text, std::string rule = {}, std::optional<base::Flow> flow = {},
              std::optional<base::Address> peer = {}, std::optional<TunnelId> tunnel = {}) {
    reports.emplace(Report{id, std::move(text), std::move(rule), flow, peer, tunnel});
  }
  /// What a datagram of `sender` proves whose message begins its proof at `proof_at`.
  [[nodiscard]] Standing standing(std::size_t proof_at, base::ByteView datagram, const Sender& sender) const {
    if (ports.authenticator == nullptr)
      return {.fault = "this gateway has neither discovery key nor CA to judge it by"};
    if (proof_at == 0) return {.fault = "it proves nothing"};
    return ports.authenticator->judge(datagram, proof_at, sender);
  }
  /// What is to be done next: reports come last, because no packet waits for the log. Null when all is done. Gone with
  /// the next thing that is to be done, or taken.
  [[nodiscard]] Action* next() {
    if (Action* const action = actions.take()) return action;
    Report* const report = reports.take();
    if (report == nullptr) return nullptr;
    act(std::move(*report));
    return actions.take();
  }

  /// Our first gateway address of that family.
  [[nodiscard]] std::optional<base::Address> gateway_of(base::Family family) const {
    for (const base::Address& gateway : settings.gateways) {
      if (gateway.family() == family) return gateway;
    }
    return std::nullopt;
  }
  /// Where we want to be answered for a flow of that family: an address of the same family if we have one.
  [[nodiscard]] std::optional<base::Address> gateway_for(base::Family family) const {
    if (const auto same = gateway_of(family)) return same;
    if (settings.gateways.empty()) return std::nullopt;
    return settings.gateways.front();
  }
  [[nodiscard]] bool is_own(const base::Address& address) const {
    for (const base::Address& gateway : settings.gateways) {
      if (gateway == address) return true;
    }
    return false;
  }
  /// False for what can never be a gateway that we talk to: nothing is sent to such an address.
  [[nodiscard]] bool is_usable_peer(const base::Address& address) const {
    return !address.is_unspecified() && !address.is_multicast() && !address.is_broadcast() && !address.is_loopback() &&
           !address.is_link_local() && !address.is_reserved() && !is_own(address) &&
           !std::ranges::binary_search(machine, address);
  }
};

}  // namespace engine
