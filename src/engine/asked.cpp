#include "engine/asked.hpp"

namespace engine {

namespace {

bool is_old(base::Instant at, base::Instant now) {
  return now - at > kAskedLately;
}

}  // namespace

bool Asked::note(const base::Address& gateway, policy::RuleIndex rule, const base::Flow& flow, Form form,
                 base::Instant now) {
  const Key key{gateway, rule};
  if (last_.size() >= kMaxAsked && !last_.contains(key)) {
    std::erase_if(last_, [now](const auto& entry) { return is_old(entry.second.at, now); });
    if (last_.size() >= kMaxAsked) return false;
  }
  last_.insert_or_assign(key, Ask{flow, form, now});
  return true;
}

const Asked::Ask* Asked::last(const base::Address& gateway, policy::RuleIndex rule, base::Instant now) const {
  const auto found = last_.find(Key{gateway, rule});
  if (found == last_.end() || now - found->second.at > kNegotiationTimeout) return nullptr;
  return &found->second;
}

std::optional<std::pair<base::Address, base::Instant>> Asked::answered(const base::Flow& flow) const {
  std::optional<std::pair<base::Address, base::Instant>> latest;
  for (const auto& [key, ask] : last_) {
    const bool is_it = ask.flow.source == flow.source && ask.flow.destination == flow.destination;
    if (is_it && (!latest || latest->second < ask.at)) latest = {key.gateway, ask.at};
  }
  return latest;
}

bool Asked::lately(const base::Address& gateway, policy::RuleIndex rule, const base::SelectorList& list,
                   base::Instant now) const {
  const auto found = last_.find(Key{gateway, rule});
  return found != last_.end() && !is_old(found->second.at, now) && list.contains(found->second.flow);
}

}  // namespace engine
