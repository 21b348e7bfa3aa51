// The gateways of a simulation: each runs the real engine, and what it does goes to whoever carries it out.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "engine/engine.hpp"
#include "sim/authenticator.hpp"
#include "sim/ground.hpp"

namespace sim {

/// Carries out what engines want done.
class Actions {
 public:
  virtual ~Actions() = default;
  virtual void transmit(GatewayIndex from, base::Bytes packet) = 0;
  virtual void bring_up(GatewayIndex from, engine::BringUp wanted) = 0;
  virtual void take_down(GatewayIndex from, engine::TunnelId id) = 0;
};

struct Node {
  std::shared_ptr<const policy::Snapshot> policy;
  std::unique_ptr<engine::Engine> engine;  ///< null while tedd does not run
  std::vector<engine::Opening> openings;   ///< what the guard lets pass
  std::uint64_t key = 0;  ///< or authority; those that hold the same believe each other. 0: discovery proves nothing
  std::unique_ptr<SeededAuthenticator> authenticator;  ///< null where it does not
  bool charon = true;
  bool forwards = true;                        ///< false while the whole gateway is away
  std::uint32_t charons = 0;                   ///< how often charon ended: what an earlier one had begun goes nowhere
  base::Instant armed = base::Instant::max();  ///< the earliest deadline that is queued

  [[nodiscard]] bool is_open(policy::RuleIndex rule, const base::Address& destination) const {
    return std::ranges::find(openings, engine::Opening{rule, destination}) != openings.end();
  }
};

class Nodes final : engine::Audience {
 public:
  Nodes(Ground& ground, Actions& actions);

  [[nodiscard]] Node& at(GatewayIndex gateway) { return nodes_[gateway]; }
  [[nodiscard]] const Node& at(GatewayIndex gateway) const { return nodes_[gateway]; }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(nodes_.size()); }

  /// Starts tedd at that gateway, with an engine that knows nothing.
  void start(GatewayIndex gateway);
  /// Ends tedd; what it counted is kept.
  void stop(GatewayIndex gateway);

  /// Tells the engine; nothing when tedd does not run. What is told while an engine is at work waits until it is done.
  void tell(GatewayIndex gateway, engine::Event event);
  void on_timer(GatewayIndex gateway);

  /// Whose engines have had something to do since the last call of forget_told(); one may stand there more than once.
  [[nodiscard]] const std::vector<GatewayIndex>& told() const { return told_; }
  void forget_told() { told_.clear(); }

  /// Calls of handle() and on_deadline().
  [[nodiscard]] std::uint64_t engine_events() const { return engine_events_; }
  /// Of all engines that there were.
  [[nodiscard]] std::uint64_t counted(engine::Counter counter) const;

 private:
  void give_keys();
  [[nodiscard]] bool wants(engine::ReportId /*id*/) override { return false; }
  void work_off();
  void drain(GatewayIndex gateway);
  void carry_out(GatewayIndex gateway, engine::Action action);

  Ground& ground_;
  Actions& actions_;
  SeededHash hash_;
  std::vector<Node> nodes_;
  std::deque<std::pair<GatewayIndex, engine::Event>> waiting_;
  bool working_ = false;
  std::vector<GatewayIndex> told_;
  std::uint64_t engine_events_ = 0;
  std::vector<std::uint64_t> retired_;
};

}  // namespace sim
