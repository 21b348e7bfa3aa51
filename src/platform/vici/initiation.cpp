// Charon's initiations: load the peer's connection, initiate, follow the events, look how it goes, try again where
// nobody heard why it failed, remove what a failure left half made, unload.
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
      std::make_shared<Attempt>(std::move(waiting.initiation), clock_(), waiting.timeout, std::move(waiting.done));
  attempts_.push_back(attempt);
  request("load-conn", initiator_connection(attempt->initiation(), responder_children_),
          [this, attempt](const Result<Message>& reply) {
            if (const auto loaded = outcome(reply); !loaded) {
              fail(attempt, {FailureClass::kOther, "load-conn: " + loaded.error().text()});
            }
          });
  ask(attempt);
}

void Charon::ask(const std::shared_ptr<Attempt>& attempt) {
  Message command;
  command.add("ike", attempt->connection()).add("child", attempt->initiation().name);
  command.add("timeout", "-1");  // answered at once; see Attempt
  request("initiate", command, [this, attempt](const Result<Message>& reply) {
    if (const auto asked = outcome(reply); !asked) on_try_failed(attempt, {FailureClass::kOther, asked.error().text()});
  });
}

void Charon::look_at_attempts(base::Instant now) {
  for (const auto& attempt : std::vector(attempts_.begin(), attempts_.end())) {
    if (const auto at = attempt->look_at(); at && *at <= now && ready_ && has_room()) look(attempt);
  }
}

/// Charon answers after it told of a CHILD_SA that came up in time, because the IKE_SA is locked until it has. So what
/// is neither told nor under way has failed.
void Charon::look(const std::shared_ptr<Attempt>& attempt) {
  attempt->on_asked(clock_());
  hear_log();
  read_ikes(Message().add("ike", attempt->connection()), [this, attempt](Result<std::vector<IkeSa>> listed) {
    std::optional<std::vector<IkeSa>> told;
    if (listed) told = *std::move(listed);
    if (attempt->on_look(told, clock_())) return;
    on_try_failed(attempt, {FailureClass::kOther, "charon gave it up, and did not say why"});
  });
}

void Charon::on_try_failed(const std::shared_ptr<Attempt>& attempt, const Failure& failure) {
  if (!attempt->try_again()) return fail(attempt, failure);
  hear_log();
  ask(attempt);
}

void Charon::on_log(const Message& message) {
  for (const auto& attempt : std::vector(attempts_.begin(), attempts_.end())) {
    if (const auto failure = attempt->on_log(message, clock_())) fail(attempt, *failure);
  }
}

void Charon::expire_attempts(base::Instant now) {
  for (const auto& attempt : std::vector(attempts_.begin(), attempts_.end())) {
    if (!attempt->is_told() && attempt->deadline() <= now) fail(attempt, attempt->on_timeout());
  }
}

/// Charon goes on trying after our time is over, and keeps an IKE_SA whose CHILD_SA was refused. Such an IKE_SA goes;
/// one with the same peer that carries tunnels stays, and so does one that the peer has just started.
void Charon::fail(const std::shared_ptr<Attempt>& attempt, const Failure& failure) {
  if (attempt->is_told()) return;
  attempt->tell(failure);
  read_ikes(Message().add("ike", attempt->connection()), [this, attempt](const Result<std::vector<IkeSa>>& listed) {
    for (const IkeSa& ike : listed.value_or(std::vector<IkeSa>{})) {
      if (ike.children == 0 && (ike.initiator || ike.id == attempt->ike_id())) terminate_ike(ike.id, true, nullptr);
    }
    unload(attempt);
  });
}

/// The place is free when the connection is gone: the next initiation to that peer loads it anew.
void Charon::unload(const std::shared_ptr<Attempt>& attempt) {
  request("unload-conn", Message().add("name", attempt->connection()), [this, attempt](const Result<Message>&) {
    attempts_.remove(attempt);
    hear_log();
  });
}

/// Charon tells its log only while an initiation waits for the reason of its failure: each line costs charon a message
/// and several wake-ups, also those of tunnels that others ask us for.
void Charon::hear_log() {
  const bool wanted = std::ranges::any_of(attempts_, [](const auto& one) { return one->wants_log(); });
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
