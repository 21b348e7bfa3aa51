#include "engine/refusals.hpp"

#include <algorithm>
#include <ranges>
#include <utility>

#include "engine/hold_down.hpp"
#include "engine/network.hpp"
#include "policy/region.hpp"

namespace engine {

namespace {

bool is_over(const Refusal& refusal, base::Instant now) {
  return now >= refusal.until + kRest;
}

bool lies_in(const base::SelectorList& part, const base::SelectorList& whole) {
  const auto in = [](const auto& some, const auto& all) {
    return std::ranges::all_of(some, [&all](const base::SelectorEnd& end) { return policy::covers(all, end); });
  };
  return (!whole.protocol || whole.protocol == part.protocol) && in(part.local, whole.local) &&
         in(part.remote, whole.remote);
}

}  // namespace

base::Instant Refusals::failed(policy::RuleIndex rule, const base::Address& gateway, const base::SelectorList& product,
                               std::string reason, Random& random, base::Instant now) {
  Refusal& refusal = entry({rule, gateway}, product, now);
  refusal.until = now + spread(hold_down_after(refusal.failures), random);
  ++refusal.failures;
  refusal.reason = std::move(reason);
  refusal.is_on_trial = false;
  return refusal.until;
}

Refusal& Refusals::entry(const Key& key, const base::SelectorList& product, base::Instant now) {
  const auto [first, last] = all_.equal_range(key);
  for (auto& [of, refusal] : std::ranges::subrange(first, last)) {
    if (refusal.product != product) continue;
    if (is_over(refusal, now)) refusal.failures = 0;
    return refusal;
  }
  make_room(now);
  return all_.emplace(key, Refusal{.product = product})->second;
}

void Refusals::make_room(base::Instant now) {
  if (all_.size() < kMaxRefusals) return;
  std::erase_if(all_, [now](const auto& entry) { return is_over(entry.second, now); });
  if (all_.size() < kMaxRefusals) return;
  all_.erase(std::ranges::min_element(all_, {}, [](const auto& entry) { return entry.second.until; }));
  counters_.add(Counter::kRefusalsForgotten);
}

const Refusal* Refusals::held(policy::RuleIndex rule, const base::Address& gateway, const base::SelectorList& product,
                              base::Instant now) const {
  const auto [first, last] = all_.equal_range({rule, gateway});
  for (const auto& [of, refusal] : std::ranges::subrange(first, last)) {
    if (now < refusal.until && lies_in(product, refusal.product)) return &refusal;
  }
  return nullptr;
}

void Refusals::found(policy::RuleIndex rule, const base::Address& destination, const base::Address& gateway) {
  found_.touch({rule, network_of(destination).network()}) = gateway;
}

bool Refusals::may_probe(policy::RuleIndex rule, const base::Flow& flow, base::Instant now) {
  const base::Address* const gateway = found_.find({rule, network_of(flow.destination).network()});
  if (gateway == nullptr) return true;
  Refusal* first = nullptr;
  const auto [begin, end] = all_.equal_range({rule, *gateway});
  for (auto& [of, refusal] : std::ranges::subrange(begin, end)) {
    if (is_over(refusal, now) || !refusal.product.contains(flow)) continue;
    if (now >= refusal.until && !std::exchange(refusal.is_on_trial, true)) return true;
    if (first == nullptr) first = &refusal;
  }
  return first == nullptr || first->others.take(now);
}

const Refusal* Refusals::keeping(policy::RuleIndex rule, const base::Flow& flow, base::Instant now) const {
  const base::Address* const gateway = found_.find({rule, network_of(flow.destination).network()});
  if (gateway == nullptr) return nullptr;
  const auto [begin, end] = all_.equal_range({rule, *gateway});
  for (const auto& [of, refusal] : std::ranges::subrange(begin, end)) {
    if (!is_over(refusal, now) && refusal.product.contains(flow)) return &refusal;
  }
  return nullptr;
}

void Refusals::forget(const base::Address& gateway) {
  std::erase_if(all_, [&gateway](const auto& entry) { return entry.first.second == gateway; });
}

}  // namespace engine
