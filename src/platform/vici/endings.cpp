#include "platform/vici/endings.hpp"

#include <algorithm>

namespace vici {

void Endings::schedule(std::uint32_t child_id, Wanted& wanted, base::Instant ask_at) {
  due_.erase({wanted.ask_at, child_id});
  due_.emplace(ask_at, child_id);
  wanted.ask_at = ask_at;
}

bool Endings::add(std::uint32_t child_id, bool force, base::Instant now) {
  if (wanted_.size() >= kMax && !wanted_.contains(child_id)) return false;
  Wanted& wanted = wanted_[child_id];
  wanted.force = wanted.force || force;
  schedule(child_id, wanted, now);
  return true;
}

std::optional<Endings::Ask> Endings::forget(std::uint32_t child_id) {
  const auto found = wanted_.find(child_id);
  if (found == wanted_.end()) return std::nullopt;
  const Ask was{child_id, found->second.force};
  due_.erase({found->second.ask_at, child_id});
  wanted_.erase(found);
  return was;
}

void Endings::clear() {
  wanted_.clear();
  due_.clear();
}

std::optional<Endings::Ask> Endings::next(base::Instant now) const {
  if (due_.empty() || due_.begin()->first > now) return std::nullopt;
  const std::uint32_t id = due_.begin()->second;
  const Wanted& wanted = wanted_.at(id);
  return Ask{id, wanted.force || wanted.is_taken};
}

bool Endings::on_asked(std::uint32_t child_id, base::Instant now) {
  Wanted& wanted = wanted_.at(child_id);
  if (wanted.attempts >= kAttempts) {
    forget(child_id);
    return false;
  }
  ++wanted.attempts;
  wanted.force = wanted.force || wanted.is_taken;
  wanted.is_taken = true;
  schedule(child_id, wanted, now + kOrderly);
  return true;
}

bool Endings::on_refused(std::uint32_t child_id, base::Instant now) {
  const auto found = wanted_.find(child_id);
  if (found == wanted_.end()) return true;  // it went meanwhile
  Wanted& wanted = found->second;
  if (wanted.attempts >= kAttempts) {
    forget(child_id);
    return false;
  }
  wanted.is_taken = false;
  schedule(child_id, wanted, now + wanted.pause);
  wanted.pause = std::min(wanted.pause * 2, kLastPause);
  return true;
}

std::optional<base::Instant> Endings::next_deadline() const {
  if (due_.empty()) return std::nullopt;
  return due_.begin()->first;
}

}  // namespace vici
