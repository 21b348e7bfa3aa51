// How long discoveries take, and which part of it: from what the engine is told, does and reports.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/flow.hpp"
#include "base/time.hpp"
#include "daemon/histogram.hpp"
#include "engine/event.hpp"
#include "engine/limits.hpp"
#include "engine/peers.hpp"
#include "engine/report.hpp"

namespace tedd {

/// Traces are not measured, and neither is what fails: their number is in the counters, and their time is the
/// time-outs'.
class DiscoveryTimes {
 public:
  /// What is under way: no more than the engine has itself. What comes beyond is not measured, but counted.
  static constexpr std::size_t kMaxUnderWay = engine::kMaxDiscoveries;
  /// A tunnel that comes so late after it was asked for was given up by the engine long ago.
  static constexpr base::Duration kForgotten = 2 * engine::kNegotiationTimeout;

  /// `peers` as they are while the report is carried out.
  void note(const engine::Report& report, const engine::Peers& peers, base::Instant now);
  /// strongSwan was asked for a tunnel.
  void asked(const wire::Cookie& cookie, base::Instant now);
  /// It said no.
  void refused(const wire::Cookie& cookie) { asked_.erase(cookie); }
  /// A tunnel stands that the engine has taken in.
  void up(const engine::TunnelUp& tunnel, base::Instant now);
  /// The engine has forgotten what it did with that peer.
  void forget(const base::Address& peer);

  /// From the last sending of a probe to its first answer.
  [[nodiscard]] const Histogram& probe() const { return probe_; }
  /// From the request to strongSwan to the tunnel that it made for it.
  [[nodiscard]] const Histogram& ike() const { return ike_; }
  /// From the first probe for a flow to a tunnel that carries it, whoever made that.
  [[nodiscard]] const Histogram& whole() const { return whole_; }

  /// Discoveries whose time, or a part of it, is not measured: there was no room for more.
  [[nodiscard]] std::uint64_t unmeasured() const { return unmeasured_; }
  /// For tests of the bound.
  [[nodiscard]] std::size_t under_way() const { return started_.size() + asked_.size(); }

 private:
  struct Order {
    bool operator()(const base::Flow& one, const base::Flow& other) const;
  };
  struct Start {
    base::Instant at;
    std::optional<base::Address> peer;  ///< who answered
  };

  Histogram probe_;
  Histogram ike_;
  Histogram whole_;
  std::uint64_t unmeasured_ = 0;
  std::map<base::Flow, Start, Order> started_;
  std::map<wire::Cookie, base::Instant> asked_;
  std::deque<std::pair<base::Instant, wire::Cookie>> by_age_;  ///< of asked_, and of what has left it
};

}  // namespace tedd
