#include "policy/agree.hpp"

namespace policy {

std::optional<base::Selector> offer(const Snapshot& snapshot, const base::Flow& flow, DataPlane plane) {
  const auto match = snapshot.first_match(flow);
  if (!match || snapshot.rule(match->rule).action != Action::kProtect) return std::nullopt;
  return offer(snapshot, *match, flow, plane);
}

base::Selector offer(const Snapshot& snapshot, const Match& match, const base::Flow& flow, DataPlane plane) {
  // Exact first: the smaller box meets fewer earlier lines, so less is cut.
  const auto box = exact(match.line, flow, plane);
  return exact(carve(snapshot, match, box, flow, plane), flow, plane);
}

base::Result<base::Selector, Disagreement> agree(const Snapshot& snapshot, const base::Flow& flow,
                                                 const base::Selector& theirs, DataPlane plane) {
  using Reason = Disagreement::Reason;
  const auto mine = offer(snapshot, flow, plane);
  if (!mine) return std::unexpected(Disagreement{Reason::kNotProtected, {}, {}, theirs});
  const auto common = intersect(*mine, theirs);
  if (!common) return std::unexpected(Disagreement{Reason::kEmpty, common.error(), mine, theirs});
  if (!common->contains(flow)) return std::unexpected(Disagreement{Reason::kFlowOutside, {}, mine, theirs});
  return exact(*common, flow, plane);
}

std::string Disagreement::text() const {
  std::string both = (mine ? "mine " + mine->text() + ", " : "") + "theirs " + theirs.text();
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
