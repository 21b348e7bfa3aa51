// One initiation under way: what it waits for, and what charon's events say about it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "platform/vici/config.hpp"
#include "platform/vici/failure.hpp"
#include "platform/vici/tunnel.hpp"

namespace vici {

/// Nothing when the CHILD_SA stands, else why it does not.
using InitiationResult = std::optional<Failure>;
using InitiationHandler = std::function<void(const InitiationResult&)>;

/// Does no input or output: Charon asks for what it needs and feeds it the events. The initiation is asked for without
/// waiting, because each `initiate` that waits keeps one of charon's (by default 16) worker threads: as many dead peers
/// would stop charon altogether. The reason of a failure comes from the `log` event instead.
class Attempt {
 public:
  Attempt(Initiation initiation, base::Instant deadline, InitiationHandler done);

  [[nodiscard]] const Initiation& initiation() const { return initiation_; }
  [[nodiscard]] const std::string& connection() const { return connection_; }
  [[nodiscard]] base::Instant deadline() const { return deadline_; }
  /// The result was told.
  [[nodiscard]] bool is_told() const { return done_ == nullptr; }
  /// The IKE_SA that charon works with for us; zero while unknown.
  [[nodiscard]] std::uint32_t ike_id() const { return ike_id_; }

  /// True when the CHILD_SA is the one that was asked for.
  [[nodiscard]] bool is_answered_by(const TunnelUp& up) const;
  /// True when it has the very selectors that were asked for. A peer can only narrow them, so charon printed them
  /// right.
  [[nodiscard]] bool is_met_by(const TunnelUp& up) const;
  /// A `log` event. The failure that it tells of, when it ends this attempt.
  [[nodiscard]] std::optional<Failure> on_log(const Message& message);
  /// What to tell when the time is over: a reason seen on the way, else kTimeout.
  [[nodiscard]] Failure on_timeout() const;

  /// Calls the handler, the first time.
  void tell(const InitiationResult& result);

 private:
  Initiation initiation_;
  std::string connection_;
  base::Instant deadline_;
  InitiationHandler done_;
  std::uint32_t ike_id_ = 0;
  std::optional<Failure> seen_;
};

}  // namespace vici
