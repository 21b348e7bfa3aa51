// Charon's initiations: load the peer's connection, initiate, follow the events, remove what a failure left half made,
// unload.
#include <algorithm>
#include <utility>

#include "platform/vici/charon.hpp"

namespace vici {

void Charon::initiate(Initiation initiation, base::Duration timeout, InitiationHandler done) {
  if (waiting_.size() >= kMaxQueuedInitiations) {
    return later([done = std::move(done)] { done(Failure{FailureClass::kOther, "too many initiations wait"}); });
  }
  waiting_.push_back({std::move(initiation), timeout, std::move(done)});
  start_waiting();
}

void Charon::start_waiting() {
  for (std::size_t i = 0; i < waiting_.size() && attempts_.size() < kMaxInitiations && has_room();) {
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
  hear_log(true);
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
  read_ikes(Message().add("ike-id", id), [this, attempt, id](const Result<std::vector<IkeSa>>& listed) {
    for (const IkeSa& ike : listed.value_or(std::vector<IkeSa>{})) {
      if (ike.children > 0) continue;
      request("terminate", Message().add("ike-id", id).add("force", "yes").add("timeout", "-1"), nullptr);
    }
    unload(attempt);
  });
}

/// The place is free when the connection is gone: the next initiation to that peer loads it anew.
void Charon::unload(const std::shared_ptr<Attempt>& attempt) {
  request("unload-conn", Message().add("name", attempt->connection()), [this, attempt](const Result<Message>&) {
    attempts_.remove(attempt);
    hear_log(!attempts_.empty());
  });
}

/// Charon tells its log only while an initiation may need a reason for its failure: each line costs charon a message,
/// also those of tunnels that others ask us for.
void Charon::hear_log(bool wanted) {
  if (wanted == hears_log_ || !main_) return;
  const auto asked = wanted ? main_->subscribe("log", nullptr) : main_->unsubscribe("log", nullptr);
  if (asked) hears_log_ = wanted;
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
