#include "policy/explain.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "policy/agree.hpp"

namespace policy {

namespace {

// So many earlier rules are named before the rest is only counted.
constexpr std::size_t kMaxNamed = 8;

std::string quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

Decision decide(const Snapshot& snapshot, const std::optional<Match>& match) {
  Decision decision;
  if (!match) return decision;
  const Rule& rule = snapshot.rule(match->rule);
  decision.action = rule.action;
  decision.rule = rule.name;
  if (rule.action == Action::kProtect) decision.proxy = match->line;
  return decision;
}

std::string sentence(const Snapshot& snapshot, const std::optional<Match>& match, const Decision& decision,
                     const std::string& who) {
  if (!match) return who + " has no rule for the flow: bypass";
  const auto line = snapshot.rule(match->rule).source_line;
  return who + " matches rule " + quoted(*decision.rule) + (line != 0 ? " (line " + std::to_string(line) + ")" : "") +
         " first: " + std::string(name(decision.action)) + ", " + match->line.text();
}

// The earlier rules that touch the match's line in the protocol of what is offered: they may cut it.
std::string cut_sentence(const Snapshot& snapshot, const Match& match, const base::SelectorList& offered,
                         const std::string& who) {
  base::Selector box = match.line;
  if (offered.protocol) box.protocol = offered.protocol;
  std::vector<RuleIndex> rules;
  snapshot.visit_overlapping(box, match.rule, [&rules](const Match& earlier) {
    if (rules.empty() || rules.back() != earlier.rule) rules.push_back(earlier.rule);
    return true;
  });
  if (rules.empty()) return {};
  std::string names;
  for (std::size_t i = 0; i < std::min(rules.size(), kMaxNamed); ++i) {
    const Rule& rule = snapshot.rule(rules[i]);
    names += (i > 0 ? ", " : "") + quoted(rule.name);
    if (rule.source_line != 0) names += " (line " + std::to_string(rule.source_line) + ")";
  }
  if (rules.size() > kMaxNamed) names += " and " + std::to_string(rules.size() - kMaxNamed) + " more";
  return who + " has earlier rules that take a part of it: " + names + "; what is left around the flow is " +
         offered.text();
}

// offer() of one end, written from that end, with what happened on the way.
std::optional<Offer> offer_with_reasons(const Snapshot& snapshot, const std::optional<Match>& match,
                                        const base::Flow& flow, DataPlane plane, const std::string& who,
                                        std::vector<std::string>& why) {
  auto offered = offer(snapshot, flow, plane);
  if (!offered) return offered;
  const auto left = *largest_product(snapshot, *match, flow, plane);
  if (auto cut = cut_sentence(snapshot, *match, left, who); !cut.empty()) {
    why.push_back(std::move(cut));
  } else if (exact(match->line, flow, plane) != match->line) {
    why.push_back(who + " cannot write that to the letter in one selector for this data plane: it becomes " +
                  left.text());
  }
  return offered;
}

void intersect_lines(Explanation& story) {
  if (!story.mine.proxy || !story.peer->proxy) return;
  const auto common = intersect(*story.mine.proxy, *story.peer->proxy);
  if (common) {
    story.intersection = *common;
    story.why.push_back("the two lines have in common: " + common->text());
    return;
  }
  story.empty_because = common.error();
  story.empty_mine = part_text(*story.mine.proxy, common.error());
  story.empty_theirs = part_text(*story.peer->proxy, common.error());
  story.why.push_back("the two lines have no " + std::string(name(common.error())) + " in common: mine " +
                      story.empty_mine + ", the peer's " + story.empty_theirs);
}

void conclude(Explanation& story, const base::SelectorList& tunnel) {
  story.contains_flow = tunnel.contains(story.flow);
  story.why.push_back("a tunnel would carry " + tunnel.text());
  story.selectors = tunnel.boxes();
}

void explain_pair(Explanation& story, const Snapshot& mine, const Snapshot& peer, DataPlane plane, bool discovers) {
  const auto mirrored = story.flow.mirrored();
  const auto match = peer.first_match(mirrored);
  story.peer = decide(peer, match);
  if (story.peer->proxy) story.peer->proxy = story.peer->proxy->mirrored();
  story.why.push_back(sentence(peer, match, *story.peer, "the peer") + (match ? " (from its side)" : ""));
  intersect_lines(story);
  const auto offered = offer_with_reasons(peer, match, mirrored, plane, "the peer", story.why);
  if (!offered) return;
  if (!peer.rule(match->rule).respond) {
    story.why.push_back("the peer's rule does not answer probes (respond = false): no tunnel");
    return;
  }
  if (!discovers) return;
  const auto agreed = agree(mine, story.flow, offered->mirrored(), plane);
  if (agreed) return conclude(story, *agreed);
  story.why.push_back("no tunnel: " + agreed.error().text());
}

// What becomes of the packet itself when no tunnel can carry it.
std::string fate(const Explanation& story, const Snapshot& mine, const std::optional<Match>& match) {
  switch (story.mine.action) {
    case Action::kBlock: return "this gateway drops the flow";
    case Action::kBypass:
      if (story.peer->action == Action::kBypass) return "the flow passes both gateways in the clear";
      return "this gateway lets the flow out in the clear, and the peer drops it: its rule " +
             quoted(*story.peer->rule) + " says " + std::string(name(story.peer->action));
    case Action::kProtect: break;
  }
  if (mine.rule(match->rule).on_failure == OnFailure::kBypass && story.peer->action == Action::kBypass) {
    return "nobody answers for its destination, and the rule says on_failure = \"bypass\": after a failed discovery "
           "the flow passes in the clear";
  }
  return "this gateway drops the flow: it wants a tunnel, and none comes up";
}

}  // namespace

std::string_view name(Action action) {
  static constexpr std::array<std::string_view, 3> kNames = {"protect", "bypass", "block"};
  return kNames[static_cast<std::size_t>(action)];
}

std::string part_text(const base::Selector& selector, EmptyPart part) {
  switch (part) {
    case EmptyPart::kProtocol: return selector.protocol ? base::text(*selector.protocol) : "any";
    case EmptyPart::kLocal: return selector.local.text();
    case EmptyPart::kRemote: return selector.remote.text();
    case EmptyPart::kLocalPort: return selector.local_port.text();
    case EmptyPart::kRemotePort: return selector.remote_port.text();
  }
  return {};
}

Explanation explain(const Snapshot& mine, const Snapshot* peer, const base::Flow& flow, DataPlane plane) {
  Explanation story;
  story.flow = flow;
  const auto match = mine.first_match(flow);
  story.mine = decide(mine, match);
  story.why.push_back(sentence(mine, match, story.mine, "this gateway"));
  const auto offered = offer_with_reasons(mine, match, flow, plane, "this gateway", story.why);
  const bool discovers = offered && mine.rule(match->rule).discover;
  if (offered && !discovers) story.why.emplace_back("the rule does not send probes (discover = false): no tunnel");
  if (peer != nullptr) {
    explain_pair(story, mine, *peer, plane, discovers);
    if (story.selectors.empty()) story.why.push_back(fate(story, mine, match));
  } else if (discovers) {
    conclude(story, *largest_product(mine, *match, flow, plane));
  }
  return story;
}

}  // namespace policy
