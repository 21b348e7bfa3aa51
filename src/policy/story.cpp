#include "policy/story.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <ranges>
#include <set>
#include <utility>

#include "policy/halves.hpp"
#include "policy/near_miss.hpp"
#include "policy/region.hpp"

namespace policy {

namespace {

// So many rules that cut are told, and of each so many lines, before the rest is only counted; and so many earlier
// lines are looked at for them.
constexpr std::size_t kMaxNamed = 8;
constexpr std::size_t kMaxOfARule = 4;
constexpr std::size_t kMaxLookedAt = 1U << 16;

using base::Selector;
using base::SelectorEnd;
using base::SelectorList;
using Sentences = std::vector<std::string>;

std::string named(const Rule& rule) {
  return "'" + rule.name + "'" + (rule.source_line != 0 ? " (line " + std::to_string(rule.source_line) + ")" : "");
}

/// One of the two gateways; everything is written from its own side.
struct End {
  const Snapshot& snapshot;
  base::Flow flow;
  std::string who;
  std::string from;  ///< behind what is written from a side that is not the reader's
  std::optional<Match> match;

  End(const Snapshot& policy, const base::Flow& own, std::string name, std::string side)
      : snapshot(policy), flow(own), who(std::move(name)), from(std::move(side)), match(policy.first_match(own)) {}

  [[nodiscard]] const Rule& rule() const { return snapshot.rule(match->rule); }
  [[nodiscard]] bool protects() const { return match && rule().action == Action::kProtect; }
};

std::string first_sentence(const End& end) {
  if (end.match) {
    return end.who + " matches rule " + named(end.rule()) + " first: " + std::string(name(end.rule().action)) + ", " +
           end.match->line.text() + end.from;
  }
  std::string none = end.who + " has no rule for the flow: bypass";
  const auto miss = near_miss(end.snapshot, end.flow);
  if (!miss) return none;
  return none + "; its rule " + named(end.snapshot.rule(miss->rule)) + " would protect it but for its " + miss->part;
}

// What a line takes of one side, `local 10.1.0.9/32`.
std::string taken(const char* side, const SelectorEnd& rule, const SelectorEnd& hole) {
  const auto address = rule.address.intersect(hole.address);
  const auto port = rule.port.intersect(hole.port);
  std::string text = std::string(side) + " " + (address ? *address : hole.address).text();
  if (port && *port != rule.port) text += " port " + port->text();
  return text;
}

// What the tunnel goes without because of an earlier line: where the line meets one side of the tunnel it has been cut
// out of the other. Of a line that meets neither side nothing is known to be its doing.
std::optional<std::string> lost_to(const Selector& earlier, const Selector& whole, const SelectorList& tunnel,
                                   const base::Flow& flow) {
  if (tunnel.protocol && earlier.protocol && *tunnel.protocol != *earlier.protocol) {
    const bool around_flow = earlier.local.contains(flow.source) && earlier.remote.contains(flow.destination);
    if (whole.protocol || !around_flow) return std::nullopt;
    return "every protocol but the flow's own";
  }
  const SelectorEnd local{earlier.local, earlier.local_port};
  const SelectorEnd remote{earlier.remote, earlier.remote_port};
  const bool meets_local = overlap(tunnel.local, local);
  if (meets_local == overlap(tunnel.remote, remote)) return std::nullopt;
  return meets_local ? taken("remote", {whole.remote, whole.remote_port}, remote)
                     : taken("local", {whole.local, whole.local_port}, local);
}

// The first of some texts, each once, and how many there are.
class Some {
 public:
  void add(const std::string& text) {
    if (all_.insert(text).second && first_.size() < kMaxOfARule) first_.push_back(text);
  }
  [[nodiscard]] std::string text() const {
    std::string list;
    for (const std::string& one : first_) list += (list.empty() ? "" : ", ") + one;
    const std::size_t others = all_.size() - first_.size();
    return others > 0 ? list + " and " + std::to_string(others) + " more" : list;
  }

 private:
  std::vector<std::string> first_;
  std::set<std::string> all_;
};

// An earlier rule that cuts the tunnel, by some of its lines.
struct Cut {
  RuleIndex rule{};
  Some lines;
  Some lost;
};

// Every side of the rule in one box.
Selector around(const Rule& rule, base::Family family) {
  return {rule.protocol, covering(ends_of(rule.local, rule.local_port, family)),
          covering(ends_of(rule.remote, rule.remote_port, family)), rule.local_port, rule.remote_port};
}

std::vector<Cut> cuts_of(const End& end, const SelectorList& tunnel, std::size_t& looked_at) {
  const Rule& rule = end.rule();
  const auto local = ends_of(rule.local, rule.local_port, tunnel.family());
  const auto remote = ends_of(rule.remote, rule.remote_port, tunnel.family());
  const Selector whole = around(rule, tunnel.family());
  std::vector<Cut> cuts;
  end.snapshot.visit_overlapping(whole, end.match->rule, [&](const Match& earlier) {
    const bool touches = overlap(local, {earlier.line.local, earlier.line.local_port}) &&
                         overlap(remote, {earlier.line.remote, earlier.line.remote_port});
    const auto lost = touches ? lost_to(earlier.line, whole, tunnel, end.flow) : std::nullopt;
    if (lost) {
      if (cuts.empty() || cuts.back().rule != earlier.rule) cuts.push_back({earlier.rule, {}, {}});
      cuts.back().lines.add(earlier.line.text());
      cuts.back().lost.add(*lost);
    }
    return ++looked_at < kMaxLookedAt;
  });
  return cuts;
}

void tell_cuts(const End& end, const SelectorList& tunnel, Sentences& why) {
  std::size_t looked_at = 0;
  const auto cuts = cuts_of(end, tunnel, looked_at);
  for (const Cut& cut : cuts | std::views::take(kMaxNamed)) {
    why.push_back(end.who + "'s earlier rule " + named(end.snapshot.rule(cut.rule)) + ", " + cut.lines.text() +
                  ", cuts the tunnel: it goes without " + cut.lost.text() + end.from);
  }
  if (cuts.size() > kMaxNamed) {
    why.push_back(end.who + " has " + std::to_string(cuts.size() - kMaxNamed) + " more such rules");
  }
  if (looked_at == kMaxLookedAt) why.push_back(end.who + " has more earlier lines that touch; they were not looked at");
}

void tell_exact(const End& end, DataPlane plane, Sentences& why) {
  const auto written = exact(end.match->line, end.flow, plane);
  Selector compared = end.match->line;
  compared.protocol = written.protocol;
  if (written == compared) return;
  why.push_back(end.who +
                "'s data plane does not take that line to the letter in one selector: around the flow it is " +
                written.text() + end.from);
}

void tell_common(const Explanation& found, Sentences& why) {
  if (found.intersection) {
    why.push_back("the two lines have in common: " + found.intersection->text());
  } else if (found.empty_because) {
    why.push_back("the two lines have no " + std::string(name(*found.empty_because)) + " in common: mine " +
                  part_text(*found.mine.proxy, *found.empty_because) + ", the peer's " +
                  part_text(*found.peer->proxy, *found.empty_because));
  }
}

// What becomes of the packet itself when no tunnel can carry it.
std::string fate(const Explanation& found, const End& mine) {
  switch (found.mine.action) {
    case Action::kBlock: return "this gateway drops the flow";
    case Action::kBypass:
      if (found.peer->action == Action::kBypass) return "the flow passes both gateways in the clear";
      return "this gateway lets the flow out in the clear, and the peer drops it: its rule '" + *found.peer->rule +
             "' says " + std::string(name(found.peer->action));
    case Action::kProtect: break;
  }
  if (mine.rule().on_failure == OnFailure::kBypass && found.peer->action == Action::kBypass) {
    return "nobody answers for its destination, and the rule says on_failure = \"bypass\": after a failed discovery "
           "the flow passes in the clear";
  }
  return "this gateway drops the flow: it wants a tunnel, and none comes up";
}

// What would come of it if the peer knew versions 1 and 2 only, with the policy that it has.
void tell_draft(const End& mine, const End& theirs, Sentences& why) {
  const auto half = own_box(mine.snapshot, *mine.match, mine.flow).local;
  const auto answer = responder_half(theirs.snapshot, *theirs.match, theirs.flow, half);
  if (!answer) {
    why.push_back(
        "in the draft form there would be no tunnel: by addresses alone the peer does not protect all flows of " +
        mine.who + "'s half proxy " + half.text());
    return;
  }
  const auto merged = merge(mine.snapshot, mine.flow, *answer);
  why.push_back(merged ? "in the draft form a tunnel would carry " + merged->text()
                       : "in the draft form there would be no tunnel: " + merged.error());
}

std::string quoted_prefixes(const std::vector<base::Prefix>& prefixes) {
  std::string all;
  for (const base::Prefix& one : prefixes | std::views::take(kMaxNamed)) all += (all.empty() ? "" : ", ") + one.text();
  return prefixes.size() > kMaxNamed ? all + ", …" : all;
}

void tell_asking(const Rule& rule, Sentences& why) {
  if (!rule.discover) why.emplace_back("the rule does not send probes (discover = false): no tunnel");
  if (rule.authenticated) {
    why.emplace_back(
        "the rule takes answers of gateways that prove who they are alone (authenticated = true): what proves nothing "
        "is refused");
  }
}

void tell_answering(const Rule& rule, Sentences& why) {
  if (!rule.respond) why.emplace_back("the peer's rule does not answer probes (respond = false): no tunnel");
  if (!rule.askers.empty()) {
    why.push_back("the peer's rule answers these gateways alone (askers): " + quoted_prefixes(rule.askers));
  }
  if (rule.authenticated) {
    why.emplace_back(
        "the peer's rule answers gateways that prove who they are alone (authenticated = true): a probe that proves "
        "nothing travels on, and there is no tunnel");
  } else if (rule.disclose == Disclose::kFlow) {
    why.emplace_back(
        "to a gateway that proves nothing the peer tells the part between the flow's two hosts alone "
        "(disclose = \"flow\"): then a tunnel carries no more than that");
  } else if (rule.disclose == Disclose::kNothing) {
    why.emplace_back(
        "a gateway that proves nothing is not answered by the peer's rule (disclose = \"nothing\"): then there is no "
        "tunnel");
  }
}

void tell_end(const End& end, DataPlane plane, Sentences& why) {
  why.push_back(first_sentence(end));
  if (end.protects()) tell_exact(end, plane, why);
}

}  // namespace

std::string part_text(const Selector& selector, EmptyPart part) {
  switch (part) {
    case EmptyPart::kProtocol: return selector.protocol ? base::text(*selector.protocol) : "any";
    case EmptyPart::kLocal: return selector.local.text();
    case EmptyPart::kRemote: return selector.remote.text();
    case EmptyPart::kLocalPort: return selector.local_port.text();
    case EmptyPart::kRemotePort: return selector.remote_port.text();
  }
  return {};
}

std::vector<std::string> story(const Explanation& found, const Snapshot& mine, const Snapshot* peer, DataPlane plane) {
  Sentences why;
  const End here(mine, found.flow, "this gateway", "");
  tell_end(here, plane, why);
  if (here.protects()) tell_asking(here.rule(), why);
  std::optional<End> there;
  if (peer != nullptr) {
    there.emplace(*peer, found.flow.mirrored(), "the peer", " (from its side)");
    tell_end(*there, plane, why);
    if (there->protects()) tell_answering(there->rule(), why);
    tell_common(found, why);
  }
  if (found.tunnel) {
    why.push_back("a tunnel would carry " + found.tunnel->text());
    tell_cuts(here, *found.tunnel, why);
    if (there) tell_cuts(*there, found.tunnel->mirrored(), why);
  } else if (there) {
    why.push_back(fate(found, here));
  }
  const bool asks_old = here.protects() && here.rule().discover && here.rule().draft;
  if (asks_old && there && there->protects() && there->rule().respond) tell_draft(here, *there, why);
  return why;
}

}  // namespace policy
