#include "platform/vici/confirmations.hpp"

#include <string>
#include <utility>

namespace vici {

bool Confirmations::add(Entry entry) {
  if (open_.size() >= kMax) return false;
  const std::uint32_t id = entry.read.child_id;
  open_.insert_or_assign(id, Open{.entry = std::move(entry)});
  return true;
}

std::optional<Confirmations::Entry> Confirmations::take(std::uint32_t child_id) {
  auto found = open_.extract(child_id);
  if (found.empty()) return std::nullopt;
  return std::move(found.mapped().entry);
}

void Confirmations::clear() {
  open_.clear();
  due_ = 0;
}

std::vector<Message> Confirmations::next_round() {
  std::vector<Message> filters;
  if (is_under_way()) return filters;
  for (auto& [id, open] : open_) {
    if (open.search == Search::kOver) continue;
    open.asked = true;
    open.listed = false;
    filters.push_back(filter_for(open));
  }
  wide_ = filters.size() > kOneByOne;
  if (wide_) filters.assign(1, Message{});
  due_ = filters.size();
  failed_ = false;
  return filters;
}

Message Confirmations::filter_for(const Open& open) {
  Message filter;
  filter.add("child-id", std::to_string(open.entry.read.child_id));
  if (open.search == Search::kInIke) filter.add("ike-id", std::to_string(open.entry.read.ike_id));
  return filter;
}

std::vector<Confirmations::Entry> Confirmations::on_listed(const Result<std::vector<TunnelUp>>& listed) {
  std::vector<Entry> confirmed;
  if (!is_under_way()) return confirmed;
  failed_ = failed_ || !listed;
  for (const TunnelUp& up : listed.value_or(std::vector<TunnelUp>{})) {
    const auto found = open_.find(up.child_id);
    if (found == open_.end() || !found->second.asked) continue;
    Open& open = found->second;
    open.listed = true;
    const bool agrees = open.entry.read == up;
    open.entry.read = up;
    if (!agrees && --open.left > 0) continue;
    confirmed.push_back(std::move(open.entry));
    open_.erase(found);
  }
  if (--due_ == 0) end_round(confirmed);
  return confirmed;
}

void Confirmations::end_round(std::vector<Entry>& confirmed) {
  for (auto each = open_.begin(); each != open_.end();) {
    Open& open = each->second;
    const bool missing = std::exchange(open.asked, false) && !open.listed;
    if (missing && !failed_) open.search = open.search == Search::kInIke && !wide_ ? Search::kAnywhere : Search::kOver;
    if (missing && failed_ && --open.left == 0) {
      confirmed.push_back(std::move(open.entry));
      each = open_.erase(each);
    } else {
      ++each;
    }
  }
}

}  // namespace vici
