#include "engine/asked.hpp"

namespace engine {

namespace {

bool is_old(base::Instant at, base::Instant now) {
  return now - at > kAskedLately;
}

}  // namespace

bool Asked::note(const base::Address& gateway, policy::RuleIndex rule, const base::Flow& flow, Form form,
                 base::Instant now) {
  const Place key{rule, gateway};
  const Ask* const oldest = last_.next_to_go();
  if (oldest != nullptr && !is_old(oldest->at, now) && last_.find(key) == nullptr) return false;
  last_.touch(key) = {flow, form, now};
  return true;
}

const Asked::Ask* Asked::last(const base::Address& gateway, policy::RuleIndex rule, base::Instant now) const {
  const Ask* const found = last_.find({rule, gateway});
  return found == nullptr || now - found->at > kNegotiationTimeout ? nullptr : found;
}

std::optional<std::pair<base::Address, base::Instant>> Asked::answered(const base::Flow& flow) const {
  std::optional<std::pair<base::Address, base::Instant>> latest;
  last_.for_each([&](const Place& key, const Ask& ask) {
    const bool is_it = ask.flow.source == flow.source && ask.flow.destination == flow.destination;
    if (is_it && (!latest || latest->second < ask.at)) latest = {key.second, ask.at};
  });
  return latest;
}

bool Asked::lately(const base::Address& gateway, policy::RuleIndex rule, const base::SelectorList& list,
                   base::Instant now) const {
  const Ask* const found = last_.find({rule, gateway});
  return found != nullptr && !is_old(found->at, now) && list.contains(found->flow);
}

}  // namespace engine
