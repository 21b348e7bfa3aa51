// One initiation under way: what it waits for, and what charon's events say about it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "platform/vici/config.hpp"
#include "platform/vici/failure.hpp"
#include "platform/vici/tunnel.hpp"

namespace vici {

/// Nothing when the CHILD_SA stands, else why it does not.
using InitiationResult = std::optional<Failure>;
using InitiationHandler = std::function<void(const InitiationResult&)>;

/// Does no input or output: Charon asks for what it needs and feeds it the answers and events. The initiation is asked
/// for without waiting, because each `initiate` that waits keeps one of charon's (by default 16) worker threads: as
/// many dead peers would stop charon altogether.
///
/// The reason of a failure is in charon's `log` event and nowhere else, but hearing it slows every step of charon down,
/// and most initiations succeed. So the first try goes unheard: that it failed is seen in a look at what charon works
/// on, and the second try is heard. An initiation that takes long is heard from then on, and tried once.
class Attempt {
 public:
  /// The first look comes when most tunnels stand, each pause is twice the one before, and the look after kSlow is the
  /// last: from then on the log tells.
  static constexpr base::Duration kFirstPause = std::chrono::milliseconds(50);
  static constexpr base::Duration kSlow = std::chrono::seconds(1);
  /// How long a cause may come after the last word that it belongs before.
  static constexpr base::Duration kSettle = std::chrono::milliseconds(100);

  Attempt(Initiation initiation, base::Instant now, base::Duration timeout, InitiationHandler done);

  [[nodiscard]] const Initiation& initiation() const { return initiation_; }
  [[nodiscard]] const std::string& connection() const { return connection_; }
  [[nodiscard]] base::Instant deadline() const { return deadline_; }
  /// The result was told.
  [[nodiscard]] bool is_told() const { return done_ == nullptr; }
  /// The IKE_SA that charon works with for us; zero while unknown.
  [[nodiscard]] std::uint32_t ike_id() const { return ike_id_; }
  /// Charon's log is to be heard.
  [[nodiscard]] bool wants_log() const { return wants_log_; }

  /// When to look at what charon works on; nothing when no look is due any more, or its answer is.
  [[nodiscard]] std::optional<base::Instant> look_at() const;
  /// It is asked for: on_look() follows. The log is wanted first, when this is the last.
  void on_asked(base::Instant now);
  /// The IKE_SAs of connection(), or none when charon did not tell them. False when this try is over without a tunnel:
  /// charon works on no CHILD_SA, and told of none before.
  [[nodiscard]] bool on_look(const std::optional<std::vector<IkeSa>>& listed, base::Instant now);
  /// This try failed. True when the next is to be made, with the log; false when it was heard, or is over.
  [[nodiscard]] bool try_again();

  /// True when the CHILD_SA is the one that was asked for.
  [[nodiscard]] bool is_answered_by(const TunnelUp& up) const;
  /// True when it has the very selectors that were asked for. A peer can only narrow them, so charon printed them
  /// right.
  [[nodiscard]] bool is_met_by(const TunnelUp& up) const;
  /// A `log` event. The failure that it tells of, when it ends this attempt; a last word that names no cause ends it
  /// kSettle later, unless the cause comes by then.
  [[nodiscard]] std::optional<Failure> on_log(const Message& message, base::Instant now);
  /// What to tell when the time is over: a reason seen on the way, else kTimeout.
  [[nodiscard]] Failure on_timeout() const;

  /// Calls the handler, the first time.
  void tell(const InitiationResult& result);

 private:
  Initiation initiation_;
  std::string connection_;
  base::Instant deadline_;
  InitiationHandler done_;
  base::Instant slow_at_;
  std::optional<base::Instant> look_at_;
  base::Duration pause_ = kFirstPause;
  bool wants_log_ = false;
  bool again_ = false;
  bool settles_ = false;  ///< heard the last word, and waits for its cause
  std::uint32_t ike_id_ = 0;
  std::optional<Failure> seen_;
  std::string outside_;  ///< what charon said of selectors that the peer's address blocks do not have
};

}  // namespace vici
