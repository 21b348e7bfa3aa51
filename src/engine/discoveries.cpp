#include "engine/discoveries.hpp"

namespace engine {

// Its nodes in the five tables take some 230 more (`tedbench micro` measures the sum).
static_assert(sizeof(Discovery) <= 264, "a pending discovery is to take at most 512 bytes");

Discovery* Discoveries::find(policy::RuleIndex rule, const base::Address& destination) {
  const auto found = by_key_.find(Key{rule, destination});
  return found == by_key_.end() ? nullptr : *found;
}

Discovery* Discoveries::find(const wire::Cookie& cookie) {
  const auto found = by_cookie_.find(cookie);
  return found == by_cookie_.end() ? nullptr : *found;
}

Discovery* Discoveries::find(DiscoveryId id) {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &found->second;
}

Discovery* Discoveries::add(const base::Flow& flow, policy::RuleIndex rule, std::optional<TraceId> trace) {
  if (is_full()) return nullptr;
  const DiscoveryId id{++last_id_};
  Discovery& discovery = by_id_.try_emplace(by_id_.end(), id)->second;
  discovery.id = id;
  discovery.flow = flow;
  ++count_of_source_[flow.source];
  discovery.rule = rule;
  discovery.trace = trace;
  if (!trace) {
    by_key_.insert(&discovery);
    enter(discovery);
  }
  return &discovery;
}

bool Discoveries::has_its_share(const base::Address& source) const {
  const auto found = count_of_source_.find(source);
  return found != count_of_source_.end() && found->second + size() >= most_;
}

void Discoveries::set_flow(Discovery& discovery, const base::Flow& flow) {
  ++count_of_source_[flow.source];
  forget_source(discovery.flow.source);
  discovery.flow = flow;
}

void Discoveries::forget_source(const base::Address& source) {
  const auto found = count_of_source_.find(source);
  if (--found->second == 0) count_of_source_.erase(found);
}

const Move* Discoveries::advance(Discovery& discovery, Cue cue) {
  const Move* move = find_move(discovery.state, cue);
  if (move == nullptr) {
    counters_.add(Counter::kIllegalMoves);
    return nullptr;
  }
  if (discovery.state == move->to) return move;
  leave(discovery);
  discovery.state = move->to;
  enter(discovery);
  return move;
}

void Discoveries::leave(Discovery& discovery) {
  in_state(discovery.state).erase(&discovery);
  if (discovery.state == State::kNegotiating) negotiating_.erase({discovery.rule, discovery.id});
}

void Discoveries::enter(Discovery& discovery) {
  if (discovery.trace) return;
  auto& ones = in_state(discovery.state);
  ones.insert(ones.end(), &discovery);  // most often it is the latest
  if (discovery.state == State::kNegotiating) negotiating_.insert({discovery.rule, discovery.id});
}

const Discovery* Discoveries::negotiating(policy::RuleIndex rule, const base::Address* peer,
                                          const base::Flow& flow) const {
  auto at = negotiating_.lower_bound({rule, DiscoveryId{0}});
  for (std::size_t seen = 0; at != negotiating_.end() && at->first == rule && seen < kMaxLookedThrough; ++at, ++seen) {
    const Discovery& discovery = by_id_.find(at->second)->second;
    if ((peer == nullptr || discovery.peer == *peer) && discovery.agreed->contains(flow)) return &discovery;
  }
  return nullptr;
}

std::vector<DiscoveryId> Discoveries::waiting_for(const Discovery& one) const {
  std::vector<DiscoveryId> ids;
  for (const Discovery* waiting : by_state_[static_cast<std::size_t>(State::kYielding)]) {
    if (waiting->rule == one.rule && waiting->peer == one.peer && one.agreed->contains(waiting->flow)) {
      ids.push_back(waiting->id);
    }
  }
  return ids;
}

Discovery* Discoveries::oldest(State state) {
  const auto& ones = in_state(state);
  return ones.empty() ? nullptr : *ones.begin();
}

void Discoveries::set_cookie(Discovery& discovery, const wire::Cookie& cookie) {
  if (discovery.cookie != wire::Cookie{}) by_cookie_.erase(&discovery);
  discovery.cookie = cookie;
  by_cookie_.insert(&discovery);
}

void Discoveries::set_deadline(Discovery& discovery, base::Instant deadline) {
  discovery.deadline = deadline;
  by_deadline_.set(discovery, deadline);
}

std::optional<base::Instant> Discoveries::next_deadline() const {
  if (by_deadline_.empty()) return std::nullopt;
  return by_deadline_.next();
}

Discovery* Discoveries::due(base::Instant now) {
  if (by_deadline_.empty() || by_deadline_.next() > now) return nullptr;
  return &by_deadline_.first();
}

void Discoveries::erase(Discovery& discovery) {
  if (!discovery.trace) by_key_.erase(&discovery);
  by_cookie_.erase(&discovery);
  by_deadline_.erase(discovery);
  leave(discovery);
  forget_source(discovery.flow.source);
  by_id_.erase(discovery.id);
}

void Discoveries::clear() {
  by_key_.clear();
  by_cookie_.clear();
  by_deadline_.clear();
  count_of_source_.clear();
  for (auto& ids : by_state_) ids.clear();
  negotiating_.clear();
  by_id_.clear();
}

}  // namespace engine
