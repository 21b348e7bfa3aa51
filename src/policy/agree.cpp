#include "policy/agree.hpp"

#include <algorithm>
#include <span>
#include <vector>

#include "policy/region.hpp"

namespace policy {

namespace {

using Ends = std::vector<base::SelectorEnd>;

bool share_an_address(const Ends& some, const Ends& others) {
  return std::ranges::any_of(some, [&](const base::SelectorEnd& one) {
    return std::ranges::any_of(others,
                               [&](const base::SelectorEnd& other) { return one.address.meets(other.address); });
  });
}

// The first part, in the order of figures 3A to 3C, in which the two have nothing in common.
std::optional<EmptyPart> empty_part(const base::SelectorList& mine, const base::SelectorList& theirs) {
  if (mine.protocol && theirs.protocol && *mine.protocol != *theirs.protocol) return EmptyPart::kProtocol;
  if (!share_an_address(mine.local, theirs.local)) return EmptyPart::kLocal;
  if (!share_an_address(mine.remote, theirs.remote)) return EmptyPart::kRemote;
  if (intersect(mine.local, theirs.local).empty()) return EmptyPart::kLocalPort;
  if (intersect(mine.remote, theirs.remote).empty()) return EmptyPart::kRemotePort;
  return std::nullopt;
}

bool touches(const base::SelectorList& list, const base::Selector& line) {
  return overlap(list.local, base::SelectorEnd{line.local, line.local_port}) &&
         overlap(list.remote, base::SelectorEnd{line.remote, line.remote_port});
}

}  // namespace

Offer offer(const Snapshot& snapshot, const Match& match, const base::Flow& flow, DataPlane plane,
            std::size_t max_exempt) {
  const Rule& rule = snapshot.rule(match.rule);
  const base::Family family = flow.source.family();
  Offer whole{
      {rule.protocol, ends_of(rule.local, rule.local_port, family), ends_of(rule.remote, rule.remote_port, family)},
      {}};
  // What touches the smallest box around the rule; each line is then held against the rule's own two sides.
  const base::Selector around{rule.protocol, covering(whole.proxy.local), covering(whole.proxy.remote), rule.local_port,
                              rule.remote_port};
  bool fits = whole.proxy.local.size() <= kMaxOffered && whole.proxy.remote.size() <= kMaxOffered;
  if (fits) {
    snapshot.visit_overlapping(around, match.rule, [&](const Match& earlier) {
      if (!touches(whole.proxy, earlier.line)) return true;
      fits = whole.exempt.size() < max_exempt;
      if (fits) whole.exempt.push_back(earlier.line);
      return fits;
    });
  }
  if (fits) return whole;
  // A product without a limit always contains the flow of its match.
  return {*largest_product(snapshot, match, flow, plane), {}};
}

std::optional<Offer> offer(const Snapshot& snapshot, const base::Flow& flow, DataPlane plane) {
  const auto match = snapshot.first_match(flow);
  if (!match || snapshot.rule(match->rule).action != Action::kProtect) return std::nullopt;
  return offer(snapshot, *match, flow, plane);
}

base::Selector offer_box(const Snapshot& snapshot, const Match& match, const base::Flow& flow, DataPlane plane) {
  // Exact first: the smaller box meets fewer earlier lines, so less is cut.
  const auto box = exact(match.line, flow, plane);
  return exact(carve(snapshot, match, box, flow, plane), flow, plane);
}

base::Result<base::SelectorList, Disagreement> agree(const Snapshot& snapshot, const base::Flow& flow,
                                                     const Offer& theirs, DataPlane plane) {
  using Reason = Disagreement::Reason;
  const auto match = snapshot.first_match(flow);
  if (!match || snapshot.rule(match->rule).action != Action::kProtect) {
    return std::unexpected(Disagreement{Reason::kNotProtected, {}, {}, theirs});
  }
  if (const auto agreed = largest_product(snapshot, *match, flow, plane, &theirs)) return *agreed;
  const auto mine = *largest_product(snapshot, *match, flow, plane);
  const auto part = empty_part(mine, theirs.proxy);
  return std::unexpected(Disagreement{part ? Reason::kEmpty : Reason::kFlowOutside, part, mine, theirs});
}

std::string Disagreement::text() const {
  std::string both = (mine ? "mine " + mine->text() + ", " : "") + "theirs " + theirs.proxy.text();
  switch (reason) {
    case Reason::kNotProtected: return "no protect rule is the first match of the flow: " + both;
    case Reason::kEmpty: return "nothing in common in " + std::string(part ? name(*part) : "") + ": " + both;
    case Reason::kFlowOutside: return "the flow is outside the common part: " + both;
  }
  return both;
}

base::Selector for_response(const base::Selector& selector, const base::Flow& flow) {
  base::Selector narrow = selector;
  if (!narrow.local_port.is_any()) narrow.local_port = base::PortRange::only(flow.source_port);
  if (!narrow.remote_port.is_any()) narrow.remote_port = base::PortRange::only(flow.destination_port);
  return narrow;
}

}  // namespace policy
