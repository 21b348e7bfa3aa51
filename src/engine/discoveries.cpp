#include "engine/discoveries.hpp"

namespace engine {

Discovery* Discoveries::find(policy::RuleIndex rule, const base::Address& destination) {
  const auto found = by_key_.find({rule, destination});
  return found == by_key_.end() ? nullptr : find(found->second);
}

Discovery* Discoveries::find(const wire::Cookie& cookie) {
  const auto found = by_cookie_.find(cookie);
  return found == by_cookie_.end() ? nullptr : find(found->second);
}

Discovery* Discoveries::find(DiscoveryId id) {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &found->second;
}

Discovery* Discoveries::add(const base::Flow& flow, const policy::Match& match, std::optional<TraceId> trace) {
  if (by_id_.size() >= kMaxDiscoveries) return nullptr;
  const DiscoveryId id{++last_id_};
  Discovery& discovery = by_id_.try_emplace(by_id_.end(), id)->second;
  discovery.id = id;
  discovery.flow = flow;
  discovery.match = match;
  discovery.trace = trace;
  if (!trace) {
    by_key_[{match.rule, flow.destination}] = id;
    enter(discovery);
  }
  return &discovery;
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

void Discoveries::leave(const Discovery& discovery) {
  in_state(discovery.state).erase(discovery.id);
  if (discovery.state == State::kNegotiating) negotiating_.erase({discovery.match.rule, discovery.id});
}

void Discoveries::enter(const Discovery& discovery) {
  if (discovery.trace) return;
  auto& ids = in_state(discovery.state);
  ids.insert(ids.end(), discovery.id);  // most often it is the latest
  if (discovery.state == State::kNegotiating) negotiating_.insert({discovery.match.rule, discovery.id});
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
  for (const DiscoveryId id : by_state_[static_cast<std::size_t>(State::kYielding)]) {
    const Discovery& waiting = by_id_.find(id)->second;
    if (waiting.match.rule == one.match.rule && waiting.peer == one.peer && one.agreed->contains(waiting.flow)) {
      ids.push_back(id);
    }
  }
  return ids;
}

Discovery* Discoveries::oldest(State state) {
  const auto& ids = in_state(state);
  return ids.empty() ? nullptr : find(*ids.begin());
}

void Discoveries::set_cookie(Discovery& discovery, const wire::Cookie& cookie) {
  if (discovery.cookie != wire::Cookie{}) by_cookie_.erase(discovery.cookie);
  discovery.cookie = cookie;
  by_cookie_[cookie] = discovery.id;
}

void Discoveries::set_deadline(Discovery& discovery, base::Instant deadline) {
  auto node = by_deadline_.extract({discovery.deadline, discovery.id});
  discovery.deadline = deadline;
  if (node.empty()) {
    by_deadline_.insert({deadline, discovery.id});
  } else {
    node.value().first = deadline;
    by_deadline_.insert(std::move(node));
  }
}

std::optional<base::Instant> Discoveries::next_deadline() const {
  if (by_deadline_.empty()) return std::nullopt;
  return by_deadline_.begin()->first;
}

Discovery* Discoveries::due(base::Instant now) {
  if (by_deadline_.empty() || by_deadline_.begin()->first > now) return nullptr;
  return find(by_deadline_.begin()->second);
}

void Discoveries::erase(const Discovery& discovery) {
  const DiscoveryId id = discovery.id;
  if (!discovery.trace) by_key_.erase({discovery.match.rule, discovery.flow.destination});
  by_cookie_.erase(discovery.cookie);
  by_deadline_.erase({discovery.deadline, id});
  leave(discovery);
  by_id_.erase(id);
}

void Discoveries::clear() {
  by_key_.clear();
  by_cookie_.clear();
  by_deadline_.clear();
  for (auto& ids : by_state_) ids.clear();
  negotiating_.clear();
  by_id_.clear();
}

}  // namespace engine
