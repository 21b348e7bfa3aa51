// Charon's initiations: load the peer's connection, initiate, follow the events, remove what a failure left half made,
// unload.
#include <algorithm>
#include <utility>

#include "platform/vici/charon.hpp"

namespace vici {
namespace {

/// Readings of a CHILD_SA before the last is taken as it is.
constexpr int kReadings = 8;

}  // namespace

void Charon::initiate(Initiation initiation, base::Duration timeout, InitiationHandler done) {
  if (waiting_.size() >= kMaxQueuedInitiations) {
    return later([done = std::move(done)] { done(Failure{FailureClass::kOther, "too many initiations wait"}); });
  }
  waiting_.push_back({std::move(initiation), timeout, std::move(done)});
  start_waiting();
}

void Charon::start_waiting() {
  for (std::size_t i = 0; i < waiting_.size() && attempts_.size() < kMaxInitiations;) {
    const base::Address& peer = waiting_[i].initiation.peer;
    if (std::ranges::any_of(attempts_, [&](const auto& one) { return one->initiation().peer == peer; })) {
      ++i;
      continue;
    }
    Waiting next = std::move(waiting_[i]);
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
    start(std::move(next));
  }
}

void Charon::start(Waiting waiting) {
  const auto attempt =
      std::make_shared<Attempt>(std::move(waiting.initiation), clock_() + waiting.timeout, std::move(waiting.done));
  attempts_.push_back(attempt);
  request("load-conn", initiator_connection(attempt->initiation(), responder_children_),
          [this, attempt](const Result<Message>& reply) {
            if (const auto loaded = outcome(reply); !loaded) {
              fail(attempt, {FailureClass::kOther, "load-conn: " + loaded.error().text()});
            }
          });
  Message command;
  command.add("ike", attempt->connection()).add("child", attempt->initiation().name);
  command.add("timeout", "-1");  // answered at once; see Attempt
  request("initiate", command, [this, attempt](const Result<Message>& reply) {
    if (const auto asked = outcome(reply); !asked) fail(attempt, {FailureClass::kOther, asked.error().text()});
  });
}

void Charon::on_log(const Message& message) {
  for (const auto& attempt : std::vector(attempts_.begin(), attempts_.end())) {
    if (const auto failure = attempt->on_log(message)) fail(attempt, *failure);
  }
}

void Charon::on_up(const TunnelUp& up) {
  if (!has_names(up) || std::ranges::any_of(attempts_, [&](const auto& one) { return one->is_met_by(up); })) {
    if (handlers_.up) handlers_.up(up);
  } else {
    unconfirmed_.push_back(up.child_id);
    confirm(up, kReadings);
  }
  for (const auto& attempt : std::vector(attempts_.begin(), attempts_.end())) {
    if (attempt->is_told() || !attempt->is_answered_by(up)) continue;
    attempt->tell(std::nullopt);
    unload(attempt);
  }
}

/// Nobody heard of a tunnel that is rekeyed before it was confirmed: the new one is the first.
void Charon::on_rekeyed(const TunnelRekeyed& rekeyed) {
  if (std::erase(unconfirmed_, rekeyed.old_child_id) > 0) return on_up(rekeyed.now);
  if (handlers_.rekeyed) handlers_.rekeyed(rekeyed);
}

/// Asks for the CHILD_SA until two readings in a row agree; the last one counts when none do.
void Charon::confirm(const TunnelUp& read, int readings) {
  request("list-sas", Message().add("child-id", std::to_string(read.child_id)),
          [this, read, readings](const Result<Message>&) {
            const auto listed = std::exchange(listed_, {});
            if (std::ranges::find(unconfirmed_, read.child_id) == unconfirmed_.end()) return;
            for (const Message& message : listed) {
              for (const TunnelUp& again : read_tunnels(message)) {
                if (again.child_id != read.child_id) continue;
                if (again != read && readings > 1) return confirm(again, readings - 1);
                std::erase(unconfirmed_, read.child_id);
                if (handlers_.up) handlers_.up(again);
                return;
              }
            }
            std::erase(unconfirmed_, read.child_id);  // it went meanwhile
          });
}

void Charon::expire_attempts(base::Instant now) {
  for (const auto& attempt : std::vector(attempts_.begin(), attempts_.end())) {
    if (!attempt->is_told() && attempt->deadline() <= now) fail(attempt, attempt->on_timeout());
  }
}

/// Charon goes on trying after our time is over, and keeps an IKE_SA whose CHILD_SA was refused. Such an IKE_SA goes;
/// an older one with the same peer that carries tunnels stays.
void Charon::fail(const std::shared_ptr<Attempt>& attempt, const Failure& failure) {
  if (attempt->is_told()) return;
  attempt->tell(failure);
  const std::string id = std::to_string(attempt->ike_id());
  if (attempt->ike_id() == 0) return unload(attempt);
  request("list-sas", Message().add("ike-id", id), [this, attempt, id](const Result<Message>&) {
    const auto listed = std::exchange(listed_, {});
    for (const Message& message : listed) {
      const auto ike = read_ike(message);
      if (!ike || ike->children > 0) continue;
      request("terminate", Message().add("ike-id", id).add("force", "yes").add("timeout", "-1"), nullptr);
    }
    unload(attempt);
  });
}

/// The place is free when the connection is gone: the next initiation to that peer loads it anew.
void Charon::unload(const std::shared_ptr<Attempt>& attempt) {
  request("unload-conn", Message().add("name", attempt->connection()),
          [this, attempt](const Result<Message>&) { attempts_.remove(attempt); });
}

void Charon::cancel_initiations(std::string_view words) {
  for (Waiting& waiting : std::exchange(waiting_, {})) {
    later([done = std::move(waiting.done), text = std::string(words)] { done(Failure{FailureClass::kOther, text}); });
  }
  later([this, text = std::string(words)] {
    for (const auto& attempt : std::vector(attempts_.begin(), attempts_.end())) {
      fail(attempt, {FailureClass::kOther, text});
    }
  });
}

}  // namespace vici
