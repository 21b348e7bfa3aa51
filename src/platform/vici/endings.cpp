#include "platform/vici/endings.hpp"

#include <algorithm>

namespace vici {

void Endings::schedule(std::uint32_t child_id, Wanted& wanted, std::optional<base::Instant> ask_at) {
  if (wanted.ask_at) due_.erase({*wanted.ask_at, child_id});
  if (ask_at) due_.emplace(*ask_at, child_id);
  wanted.ask_at = ask_at;
}

bool Endings::add(std::uint32_t child_id, base::Instant now) {
  if (wanted_.size() >= kMax && !wanted_.contains(child_id)) return false;
  schedule(child_id, wanted_[child_id], now);
  return true;
}

bool Endings::forget(std::uint32_t child_id) {
  const auto found = wanted_.find(child_id);
  if (found == wanted_.end()) return false;
  schedule(child_id, found->second, std::nullopt);
  wanted_.erase(found);
  return true;
}

void Endings::clear() {
  wanted_.clear();
  due_.clear();
}

std::optional<std::uint32_t> Endings::next(base::Instant now) const {
  if (due_.empty() || due_.begin()->first > now) return std::nullopt;
  return due_.begin()->second;
}

void Endings::on_asked(std::uint32_t child_id) {
  const auto found = wanted_.find(child_id);
  if (found == wanted_.end()) return;
  schedule(child_id, found->second, std::nullopt);
  ++found->second.attempts;
}

bool Endings::on_refused(std::uint32_t child_id, base::Instant now) {
  const auto found = wanted_.find(child_id);
  if (found == wanted_.end()) return true;  // it went meanwhile
  Wanted& wanted = found->second;
  if (wanted.attempts >= kAttempts) return !forget(child_id);
  schedule(child_id, wanted, now + wanted.pause);
  wanted.pause = std::min(wanted.pause * 2, kLastPause);
  return true;
}

std::optional<base::Instant> Endings::next_deadline() const {
  if (due_.empty()) return std::nullopt;
  return due_.begin()->first;
}

}  // namespace vici
