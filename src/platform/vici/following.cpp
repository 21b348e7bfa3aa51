// What Charon does with CHILD_SAs that come, change and go: tell of them, read again what may be printed wrongly, see
// to the end of those that must not stand.
#include <algorithm>
#include <utility>

#include "platform/vici/charon.hpp"

namespace vici {

void Charon::on_up(const TunnelUp& up) {
  const bool is_met = std::ranges::any_of(attempts_, [&](const auto& one) { return one->is_met_by(up); });
  follow({up, std::nullopt}, is_met);
  for (const auto& attempt : std::vector(attempts_.begin(), attempts_.end())) {
    if (attempt->is_told() || !attempt->is_answered_by(up)) continue;
    attempt->tell(std::nullopt);
    unload(attempt);
  }
}

/// Nobody heard of a tunnel that is rekeyed before it was confirmed: it is as new as it was.
void Charon::on_rekeyed(const TunnelRekeyed& rekeyed) {
  std::optional<std::uint32_t> before = rekeyed.old_child_id;
  if (const auto open = confirmations_.take(rekeyed.old_child_id)) before = open->before;
  follow({rekeyed.now, before}, false);
  if (const auto wanted = endings_.forget(rekeyed.old_child_id)) end_child(rekeyed.now.child_id, wanted->force);
}

/// A rekeying that nobody heard of is the end of what it was known as.
void Charon::on_down(TunnelDown down) {
  endings_.forget(down.child_id);
  if (const auto open = confirmations_.take(down.child_id)) down.child_id = open->before.value_or(down.child_id);
  if (handlers_.down) handlers_.down(down);
}

/// What has no words in it, or is the very thing that was asked for, was printed right.
void Charon::follow(const Confirmations::Entry& entry, bool is_sure) {
  if (is_sure || !has_names(entry.read) || !confirmations_.add(entry)) tell(entry);
}

void Charon::tell(const Confirmations::Entry& entry) const {
  if (!entry.before) {
    if (handlers_.up) handlers_.up(entry.read);
  } else if (handlers_.rekeyed) {
    handlers_.rekeyed({*entry.before, entry.read});
  }
}

void Charon::read_again() {
  if (!ready_ || !has_room()) return;
  for (const Message& filter : confirmations_.next_round()) {
    read_sas(filter, [this](const Result<std::vector<TunnelUp>>& listed) {
      for (const auto& entry : confirmations_.on_listed(listed)) tell(entry);
    });
  }
}

/// Not kept for a later connection: that one may be to another charon, whose ids are of other tunnels.
void Charon::end_child(std::uint32_t child_id, bool force) {
  if (ready_ && endings_.add(child_id, force, clock_())) return ask_ends();
  const Error error =
      ready_ ? Error{ErrorCode::kQueueFull, "terminate", 0} : Error{ErrorCode::kClosed, "not connected", 0};
  later([this, child_id, error] { tell_not_ended(child_id, error); });
}

void Charon::ask_ends() {
  while (ready_ && has_room()) {
    const auto ask = endings_.next(clock_());
    if (!ask) return;
    const std::uint32_t id = ask->child_id;
    if (!endings_.on_asked(id, clock_())) {
      tell_not_ended(id, Error{ErrorCode::kRefused, "it was asked to, and did not", 0});
    } else if (ask->force) {
      end_around(id);
    } else {
      terminate_child(id, [this, id](const Result<void>& asked) { on_end_asked(id, asked); });
    }
  }
}

void Charon::on_end_asked(std::uint32_t child_id, const Result<void>& asked) {
  if (!asked && !endings_.on_refused(child_id, clock_())) tell_not_ended(child_id, asked.error());
}

/// Charon forces the end of whole IKE_SAs only, and one that was rekeyed has another id than when the CHILD_SA came up.
/// It tells of all of them, and of the children of each that are asked for.
void Charon::end_around(std::uint32_t child_id) {
  const Message filter = Message().add("child-id", std::to_string(child_id));
  read_ikes(filter, [this, child_id](const Result<std::vector<IkeSa>>& ikes) {
    if (!ikes) return on_end_asked(child_id, std::unexpected(ikes.error()));
    const auto around = std::ranges::find_if(*ikes, [](const IkeSa& ike) { return ike.children > 0; });
    if (around == ikes->end()) {
      return on_end_asked(child_id, std::unexpected(Error{ErrorCode::kRefused, "there is none", 0}));
    }
    terminate_ike(around->id, true, [this, child_id](const Result<void>& asked) { on_end_asked(child_id, asked); });
  });
}

void Charon::tell_not_ended(std::uint32_t child_id, const Error& error) const {
  if (handlers_.not_ended) handlers_.not_ended(child_id, error);
}

}  // namespace vici
