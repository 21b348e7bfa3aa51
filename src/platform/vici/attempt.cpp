#include "platform/vici/attempt.hpp"

#include <algorithm>
#include <utility>

#include "base/number.hpp"

namespace vici {

Attempt::Attempt(Initiation initiation, base::Instant now, base::Duration timeout, InitiationHandler done)
    : initiation_(std::move(initiation)),
      connection_(connection_name(initiation_.peer)),
      deadline_(now + timeout),
      done_(std::move(done)),
      slow_at_(now + kSlow),
      look_at_(now + kFirstPause) {}

std::optional<base::Instant> Attempt::look_at() const {
  return is_told() ? std::nullopt : look_at_;
}

void Attempt::on_asked(base::Instant now) {
  look_at_.reset();
  if (now >= slow_at_) wants_log_ = true;
}

bool Attempt::on_look(const std::optional<std::vector<IkeSa>>& listed, base::Instant now) {
  if (is_told() || again_ || settles_) return true;
  if (listed) {
    const auto working = std::ranges::find_if(*listed, &IkeSa::creates_child);
    if (working == listed->end()) return false;
    ike_id_ = working->id;
    if (wants_log_) return true;
  }
  pause_ *= 2;
  look_at_ = now + pause_;
  return true;
}

bool Attempt::try_again() {
  if (is_told() || again_) return false;
  again_ = wants_log_ = true;
  look_at_.reset();
  ike_id_ = 0;
  seen_.reset();
  outside_.clear();
  return true;
}

bool Attempt::is_answered_by(const TunnelUp& up) const {
  return up.connection == connection_ && up.child == initiation_.name;
}

bool Attempt::is_met_by(const TunnelUp& up) const {
  if (!is_answered_by(up)) return false;
  const auto asked = from_ts(initiation_.local_ts, initiation_.remote_ts);
  const auto got = from_ts(up.local_ts, up.remote_ts);
  return asked && got && !got->empty() && std::ranges::is_permutation(*asked, *got);
}

std::optional<Failure> Attempt::on_log(const Message& message, base::Instant now) {
  if (is_told() || message.text("ikesa-name") != connection_) return std::nullopt;
  const std::string_view line = message.text("msg");
  const auto ike = base::parse_number<std::uint32_t>(message.text("ikesa-uniqueid"), UINT32_MAX).value_or(0);
  // A request of the peer may meet our connection while it is loaded, so the name alone does not make a line ours.
  if (line.starts_with("initiating IKE_SA ") || line.starts_with("establishing CHILD_SA " + initiation_.name + "{")) {
    ike_id_ = ike;
  }
  if (ike == 0 || ike != ike_id_) return std::nullopt;
  if (const auto outside = outside_blocks(line); !outside.empty()) outside_ = outside;
  const auto failure = classify(line);
  if (!failure) return std::nullopt;
  Failure told{*failure, std::string(line)};
  if (!outside_.empty()) told.words.append("; ").append(outside_);
  if (const auto help = way_out(line); !help.empty()) told.words.append(": ").append(help);
  const bool last = is_last_word(line);
  // Charon sends again by itself after it could not send.
  if (!last && !line.contains("error writing to socket")) return told;
  if (last && !std::exchange(settles_, true)) deadline_ = std::min(deadline_, now + kSettle);
  if (!last || !seen_) seen_ = told;
  return std::nullopt;
}

Failure Attempt::on_timeout() const {
  return seen_.value_or(Failure{FailureClass::kTimeout, "no answer from " + initiation_.peer.text() + " in time"});
}

void Attempt::tell(const InitiationResult& result) {
  if (const auto done = std::exchange(done_, nullptr)) done(result);
}

}  // namespace vici
