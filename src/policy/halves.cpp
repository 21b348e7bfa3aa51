#include "policy/halves.hpp"

#include "policy/agree.hpp"
#include "policy/carve.hpp"
#include "policy/sound.hpp"

namespace policy {

namespace {

/// An old peer does not tell its data plane.
constexpr DataPlane kPlane = DataPlane::kMixed;

// The rule that takes some of the box before that of `match`, or the bounds of that one.
std::string who_decides(const Snapshot& snapshot, const Match& match, const base::Selector& box) {
  std::string text = "rule '" + snapshot.rule(match.rule).name + "' protects " + match.line.text();
  snapshot.visit_overlapping(box, match.rule, [&](const Match& earlier) {
    text = "rule '" + snapshot.rule(earlier.rule).name + "' comes first for " + earlier.line.text();
    return false;
  });
  return text;
}

}  // namespace

base::Selector own_box(const Snapshot& snapshot, const Match& match, const base::Flow& flow) {
  return offer_box(snapshot, match, flow, kPlane);
}

std::optional<base::MaskedAddress> responder_half(const Snapshot& snapshot, const Match& match, const base::Flow& flow,
                                                  const base::MaskedAddress& theirs) {
  if (!theirs.contains(flow.destination)) return std::nullopt;
  const base::Selector whole{std::nullopt, exact(match.line, flow, kPlane).local, theirs, {}, {}};
  base::Selector box = whole;
  bool is_possible = true;
  snapshot.visit_overlapping(whole, match.rule, [&](const Match& earlier) {
    if (!box.overlaps(earlier.line)) return true;
    const auto cut = cut_address(box.local, earlier.line.local, flow.source);
    is_possible = cut.has_value();
    if (is_possible) box.local = *cut;
    return is_possible;
  });
  if (!is_possible || sound(snapshot, box) != match.rule) return std::nullopt;
  return box.local;
}

base::Result<base::SelectorList, std::string> merge(const Snapshot& snapshot, const base::Flow& flow,
                                                    const base::MaskedAddress& theirs) {
  const auto match = snapshot.first_match(flow);
  if (!match || snapshot.rule(match->rule).action != Action::kProtect) {
    return std::unexpected("no protect rule is the first match of the flow");
  }
  if (!theirs.contains(flow.destination)) {
    return std::unexpected("its half proxy " + theirs.text() + " does not hold " + flow.destination.text());
  }
  if (!theirs.prefix()) {
    return std::unexpected("its half proxy " + theirs.text() + " is no prefix, and no tunnel takes another mask");
  }
  const base::Selector own = own_box(snapshot, *match, flow);
  base::Selector merged = exact(match->line, flow, kPlane);
  merged.local = own.local;
  merged.remote = theirs;
  if (sound(snapshot, merged) == match->rule) return base::SelectorList::of(merged);
  const base::Selector narrower{own.protocol, own.local, theirs, own.local_port, own.remote_port};
  if (sound(snapshot, narrower) == match->rule) return base::SelectorList::of(narrower);
  return std::unexpected("the merged proxies " + merged.text() +
                         " are not all this gateway's to protect: " + who_decides(snapshot, *match, merged));
}

}  // namespace policy
