// The half of Initiator that begins with an answer: what both ends agree on, who brings the tunnel up, what comes of
// it.
#include <algorithm>
#include <utility>

#include "engine/answer.hpp"
#include "engine/cookie.hpp"
#include "engine/initiator.hpp"
#include "engine/part.hpp"
#include "engine/userspace.hpp"
#include "policy/region.hpp"
#include "policy/sound.hpp"

namespace engine {

namespace {

using Ends = std::vector<base::SelectorEnd>;

bool same(const Ends& some, const Ends& others) {
  const auto cover = [](const Ends& ends, const Ends& all) {
    return std::ranges::all_of(all, [&](const base::SelectorEnd& end) { return policy::covers(ends, end); });
  };
  return cover(some, others) && cover(others, some);
}

// charon may tell the boxes of a product in another order, and a prefix in the pieces that the peer's own rule has.
bool same(const std::vector<base::Selector>& boxes, const base::SelectorList& agreed) {
  Ends local;
  Ends remote;
  for (const base::Selector& box : boxes) {
    if (box.protocol != agreed.protocol) return false;
    local.push_back({box.local, box.local_port});
    remote.push_back({box.remote, box.remote_port});
  }
  return same(local, agreed.local) && same(remote, agreed.remote);
}

// Where more than is allowed is narrowed, the peer may have done so with what we proposed. What came is sound, or it
// would not have been taken in.
bool is_as_agreed(const TunnelUp& up, const Discovery& asked) {
  if (same(up.selectors, *asked.agreed)) return true;
  return up.authorisation && up.authorisation->narrows &&
         std::ranges::any_of(up.selectors, [&](const auto& one) { return one.contains(asked.flow); });
}

double share(const std::vector<base::SelectorEnd>& ends) {
  double sum = 0;
  for (const base::SelectorEnd& end : ends) sum += policy::share(end);
  return sum;
}

}  // namespace

// A trace asks who is there, whatever comes of it.
bool Initiator::takes_draft(const Discovery& discovery) const {
  return discovery.trace || context_.policy->rule(discovery.rule).draft;
}

// The flow of a trace has a protect rule, or there would be nothing to agree on.
std::string Initiator::why_not_draft(const base::Flow& flow) const {
  const policy::Rule& rule = context_.policy->rule(context_.policy->first_match(flow)->rule);
  return rule.draft ? ""
                    : "the answer is in the draft form, which rule '" + rule.name + "' does not take (draft = false)";
}

// The flow of a trace has a protect rule here as well.
std::string Initiator::why_not(const base::Flow& flow, const wire::Response& response, const Alternate& answer,
                               const Standing& standing) const {
  const bool wanted = context_.policy->rule(context_.policy->first_match(flow)->rule).authenticated;
  if (const auto wrong = fault_of(response, standing, wanted)) return wrong->why;
  return answer.half ? why_not_draft(flow) : "";
}

base::Result<base::SelectorList, std::string> Initiator::agreement(const Discovery& discovery,
                                                                   const Alternate& answer) const {
  if (answer.peer.family() != discovery.gateway.family()) {
    return std::unexpected(answer.peer.text() + " answered, and no gateway address of ours is of its family");
  }
  auto agreed = agreed_by(*context_.policy, discovery.flow, answer);
  if (!agreed) return agreed;
  if (answer.userspace.empty()) return agreed;
  for (const base::Selector& box : agreed->boxes()) {
    if (auto own = own_end(box, discovery.gateway, answer.peer, answer.userspace)) {
      return std::unexpected(*std::move(own));
    }
  }
  return agreed;
}

void Initiator::agree(Discovery& discovery, const Alternate& answer, base::Instant now) {
  auto agreed = agreement(discovery, answer);
  discovery.peer = answer.peer;
  if (!agreed) {
    discovery.agreed.reset();
    return disagree(discovery, std::move(agreed.error()), now);
  }
  discovery.agreed = std::make_unique<base::SelectorList>(*std::move(agreed));
  discovery.form = answer.form();
  if (context_.settings.observes) return observe(discovery, answer, now);
  if (tunnels_.cover(discovery.flow)) {
    discoveries_.advance(discovery, Cue::kTunnelUp);
    return finish(discovery);
  }
  if (is_under_way(discovery, answer, now)) return yield(discovery, now);
  if (const Refusal* refusal = refusal_of(discovery, now)) return disagree(discovery, refusal->reason, now);
  negotiate(discovery, Cue::kAgreed, now);
}

void Initiator::observe(Discovery& discovery, const Alternate& answer, base::Instant now) {
  const Move* move = discoveries_.advance(discovery, Cue::kObserved);
  if (move == nullptr) return;
  context_.counters.add(Counter::kDiscoveriesObserved);
  context_.report(ReportId::kWouldProtect,
                  std::string(move->story) + " with " + discovery.agreed->text() +
                      (answer.observes ? "; the other end only observes as well" : ""),
                  rule_name(discovery), discovery.flow, discovery.peer);
  observations_.note({.rule = discovery.rule,
                      .flow = discovery.flow,
                      .finding = Finding::kWouldProtect,
                      .peer = discovery.peer,
                      .agreed = *std::move(discovery.agreed),
                      .peer_observes = answer.observes},
                     now);
  finish(discovery);
}

// An answer that is of no use must not stand in the way of one that is and comes a moment later.
void Initiator::disagree(Discovery& discovery, std::string reason, base::Instant now) {
  discovery.reason = std::move(reason);
  if (std::exchange(discovery.disagreed, true)) return;
  discoveries_.set_deadline(discovery, std::min(discovery.deadline, now + kSecondAnswer));
}

void Initiator::keep(Discovery& discovery, Alternate answer) {
  context_.counters.add(Counter::kResponsesKept);
  context_.report(ReportId::kResponseKept,
                  answer.peer.text() + " answered, too: it is tried if " + discovery.peer.text() + " fails",
                  rule_name(discovery), discovery.flow, answer.peer);
  discovery.alternates.push_back(std::move(answer));
}

// One tunnel for all that ask for it: those of this gateway wait for the first of them, and of two gateways that ask
// each other at once one waits for the other: for the one that says that it is bringing the tunnel up, and when neither
// is as far, for the one with the lower address.
bool Initiator::is_under_way(const Discovery& discovery, const Alternate& answer, base::Instant now) const {
  if (discoveries_.negotiating(discovery.rule, &discovery.peer, discovery.flow) != nullptr) return true;
  if (discovery.yields >= kYields) return false;
  return answer.is_coming ||
         (discovery.peer < discovery.gateway && asked_.lately(discovery.peer, discovery.rule, *discovery.agreed, now));
}

const Refusal* Initiator::refusal_of(const Discovery& discovery, base::Instant now) const {
  return refusals_.held(discovery.rule, discovery.peer, *discovery.agreed, now);
}

void Initiator::ask(Discovery& discovery, base::Instant now) {
  const Refusal* refusal = refusal_of(discovery, now);
  if (refusal == nullptr) return negotiate(discovery, Cue::kAgreed, now);
  refusals_.found(discovery.rule, discovery.flow.destination, discovery.peer);
  fail(discovery, Cue::kFailed, Counter::kDiscoveriesRefused, refusal->reason, now, refusal->until);
}

void Initiator::negotiate(Discovery& discovery, Cue cue, base::Instant now) {
  if (discoveries_.advance(discovery, cue) == nullptr) return;
  discoveries_.set_deadline(discovery, now + kNegotiationTimeout);
  context_.act(
      BringUp{discovery.cookie, discovery.gateway, discovery.peer, discovery.agreed->boxes(), rule_name(discovery)});
}

void Initiator::yield(Discovery& discovery, base::Instant now) {
  if (discoveries_.advance(discovery, Cue::kYielded) == nullptr) return;
  context_.counters.add(Counter::kDiscoveriesYielded);
  ++discovery.yields;
  discoveries_.set_deadline(discovery, now + spread(kYield));
}

void Initiator::on_tunnel_up(const TunnelUp& up, const base::Result<void, std::string>& taken, base::Instant now) {
  const bool accepted = taken.has_value();
  if (accepted) {
    Peer& peer = peers_.seen(up.peer, now);
    ++peer.tunnels_up;
    if (up.authorisation) peer.identity = up.authorisation->identity;
  }
  Discovery* asked = up.cookie ? discoveries_.find(*up.cookie) : nullptr;
  if (asked != nullptr && asked->state == State::kNegotiating) {
    const bool given_up = up.peer != asked->peer;  // another gateway has been asked since
    if (!accepted || given_up || !is_as_agreed(up, *asked)) {
      if (accepted) tunnels_.end(up.id);
      if (given_up || (!accepted && narrow(*asked, up, now))) return;
      return on_ike_failed(*asked, accepted ? "the peer narrowed the selectors" : taken.error(), now);
    }
    tunnels_.made_for(up.id, asked->flow);
    tunnels_.came_of(up.id, asked->form);
    discoveries_.advance(*asked, Cue::kTunnelUp);
    finish(*asked);
  }
  if (!accepted) return;
  refusals_.forget(up.peer);
  const auto is_carried = [&up](const base::Flow& flow) {
    return std::ranges::any_of(up.selectors, [&](const auto& selector) { return selector.contains(flow); });
  };
  release_held(is_carried);
  // What others look for may be in it as well, whoever brought it up.
  finish_all(Cue::kTunnelUp, [&](const Discovery& discovery) {
    return discovery.state != State::kNegotiating && is_carried(discovery.flow);
  });
}

bool Initiator::narrow(Discovery& discovery, const TunnelUp& up, base::Instant now) {
  if (!up.authorisation || !up.authorisation->narrows) return false;
  auto part = part_within(*discovery.agreed, up.authorisation->allowed, discovery.flow,
                          policy::max_ends(context_.settings.data_plane));
  if (!part || *part == *discovery.agreed) return false;
  if (refusals_.held(discovery.rule, discovery.peer, *part, now) != nullptr) return false;
  context_.counters.add(Counter::kTunnelsNarrowed);
  context_.report(ReportId::kTunnelNarrowed,
                  "'" + up.authorisation->identity + "' at " + up.peer.text() + " claims more than it may speak for (" +
                      up.authorisation->basis + "): asking strongSwan for " + part->text() + " instead of " +
                      discovery.agreed->text(),
                  rule_name(discovery), discovery.flow, up.peer);
  *discovery.agreed = *std::move(part);
  discoveries_.set_cookie(discovery, cookie_of(context_.ports.random.secret() | 1));  // the first one's end is not its
  negotiate(discovery, Cue::kNext, now);
  return true;
}

// charon has answered before anybody here could say what the peer may speak for.
void Initiator::on_excess(const TunnelUp& up, base::Instant now) {
  if (!up.authorisation->narrows) return;
  const auto rule = policy::sound(*context_.policy, up.selectors.front());
  const Asked::Ask* ask = rule ? asked_.last(up.peer, *rule, now) : nullptr;
  if (ask == nullptr || !up.authorisation->allowed.contains(ask->flow.destination)) return;
  const base::Flow flow = ask->flow;
  static_cast<void>(on_flow(flow, context_.policy->first_match(flow), now));
}

void Initiator::on_bring_up_failed(const wire::Cookie& cookie, const std::string& reason, base::Instant now) {
  Discovery* discovery = discoveries_.find(cookie);
  if (discovery == nullptr || discovery->state != State::kNegotiating) return;
  on_ike_failed(*discovery, reason, now);
}

void Initiator::on_ike_failed(Discovery& discovery, std::string reason, base::Instant now) {
  ++peers_.seen(discovery.peer, now).failures;
  reason = "strongSwan and " + discovery.peer.text() + ": " + reason + "; proposed " + discovery.agreed->text();
  const base::Instant until =
      refusals_.failed(discovery.rule, discovery.peer, *discovery.agreed, reason, context_.ports.random, now);
  refusals_.found(discovery.rule, discovery.flow.destination, discovery.peer);
  fail_waiting(discovery, reason, now, until);
  if (try_next(discovery, reason, now)) return;
  fail(discovery, Cue::kFailed, Counter::kDiscoveriesIkeFailed, std::move(reason), now, until);
}

// Of the other gateways that answered the one that would carry most.
bool Initiator::try_next(Discovery& discovery, const std::string& reason, base::Instant now) {
  double most = 0;
  std::optional<base::SelectorList> largest;
  auto best = discovery.alternates.end();
  for (auto at = discovery.alternates.begin(); at != discovery.alternates.end(); ++at) {
    auto agreed = agreement(discovery, *at);
    if (!agreed || refusals_.held(discovery.rule, at->peer, *agreed, now) != nullptr) continue;
    const double size = share(agreed->local) * share(agreed->remote);
    if (largest && size <= most) continue;
    most = size;
    largest = *std::move(agreed);
    best = at;
  }
  if (!largest) return false;
  context_.report(ReportId::kNextGateway, reason + "; " + best->peer.text() + " answered as well, and is tried now",
                  rule_name(discovery), discovery.flow, best->peer);
  discovery.peer = best->peer;
  discovery.agreed = std::make_unique<base::SelectorList>(*std::move(largest));
  discovery.form = best->form();
  discovery.alternates.erase(best);
  negotiate(discovery, Cue::kNext, now);
  return true;
}

// Those that waited for the tunnel that failed would only fail in the same way, one behind the other.
void Initiator::fail_waiting(const Discovery& failed, const std::string& reason, base::Instant now,
                             base::Instant until) {
  for (const DiscoveryId id : discoveries_.waiting_for(failed)) {
    Discovery& waiting = *discoveries_.find(id);
    refusals_.found(waiting.rule, waiting.flow.destination, waiting.peer);
    fail(waiting, Cue::kFailed, Counter::kDiscoveriesIkeFailed, reason, now, until);
  }
}

template <class Chosen>
void Initiator::finish_all(Cue cue, Chosen chosen) {
  std::vector<DiscoveryId> ids;
  for (const auto& [id, discovery] : discoveries_.all()) {
    if (!discovery.trace && chosen(discovery)) ids.push_back(id);
  }
  for (const DiscoveryId id : ids) {
    Discovery* discovery = discoveries_.find(id);
    if (discoveries_.advance(*discovery, cue) != nullptr) finish(*discovery);
  }
}

void Initiator::forget(const base::Address& peer) {
  refusals_.forget(peer);
  finish_all(Cue::kForgotten, [&peer](const Discovery& discovery) {
    return discovery.state != State::kProbing && discovery.peer == peer;
  });
}

}  // namespace engine
