#include "policy/agree.hpp"

#include <algorithm>
#include <span>
#include <vector>

#include "policy/product.hpp"
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

}  // namespace

base::Result<base::SelectorList, Disagreement> agree(const Snapshot& snapshot, const base::Flow& flow,
                                                     const Offer& theirs, DataPlane plane, Candour candour,
                                                     const OfferRoom& room) {
  using Reason = Disagreement::Reason;
  const auto match = snapshot.first_match(flow);
  if (!match || snapshot.rule(match->rule).action != Action::kProtect) {
    return std::unexpected(Disagreement{Reason::kNotProtected, {}, {}, theirs});
  }
  const Offer own = candour == Candour::kAll ? everything(snapshot, *match) : offer(snapshot, *match, flow, room);
  if (const auto agreed = largest_product(own, theirs, flow, plane)) return *agreed;
  const auto mine = largest_product(snapshot, *match, flow, plane);
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
