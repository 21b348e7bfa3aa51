// `tedctl explain`: what becomes of flows under one policy or two, without a daemon and without a packet.
#include "policy/explain.hpp"

#include <fmt/format.h>
#include <iostream>

#include "cli/commands.hpp"
#include "cli/input.hpp"
#include "cli/load_policy.hpp"
#include "cli/text.hpp"
#include "control/selector_json.hpp"
#include "policy/story.hpp"
#include "wire/offer.hpp"

namespace cli {

namespace {

using control::Json;

/// The policies that are asked. The daemons at both ends tell each other as much as fits a response, so that is what a
/// tunnel comes of here, too.
struct Policies {
  policy::Snapshot mine;
  std::optional<policy::Snapshot> peer;

  [[nodiscard]] policy::Explanation explain(const base::Flow& flow, policy::DataPlane plane) const {
    return policy::explain(mine, peer ? &*peer : nullptr, flow, plane, wire::response_room(flow.source.family()));
  }
  [[nodiscard]] std::vector<std::string> story(const policy::Explanation& found, policy::DataPlane plane) const {
    return policy::story(found, mine, peer ? &*peer : nullptr, plane);
  }
};

Json name_json(const std::optional<std::string>& name) {
  return name ? Json(*name) : Json();
}

Json selectors_json(const std::optional<base::SelectorList>& tunnel) {
  Json json = Json::array();
  if (!tunnel) return json;
  for (const auto& selector : tunnel->boxes()) json.push(control::selector_json(selector));
  return json;
}

/// `flow` is echoed as it was given, so that answers can be joined to questions.
Json explanation_json(const std::string& flow, const policy::Explanation& story) {
  Json json = Json::object();
  json.add("flow", flow).add("decision", policy::name(story.mine.action)).add("rule", name_json(story.mine.rule));
  if (story.peer) {
    json.add("peer_decision", policy::name(story.peer->action)).add("peer_rule", name_json(story.peer->rule));
  }
  json.add("proxy", control::selector_json(story.mine.proxy));
  if (story.peer) json.add("peer_proxy", control::selector_json(story.peer->proxy));
  json.add("intersection", control::selector_json(story.intersection));
  json.add("empty_because", story.empty_because ? Json(policy::name(*story.empty_because)) : Json());
  json.add("selectors", selectors_json(story.tunnel)).add("contains_flow", story.contains_flow);
  return json;
}

std::string decision_text(const policy::Decision& decision) {
  const std::string rule = decision.rule ? "rule " + *decision.rule : "no rule matches";
  return fmt::format("{} ({})", policy::name(decision.action), rule);
}

void show(const policy::Explanation& story, const std::vector<std::string>& why) {
  Pairs pairs{{"flow", story.flow.text()}, {"decision", decision_text(story.mine)}};
  if (story.peer) pairs.emplace_back("peer", decision_text(*story.peer));
  if (story.peer && story.mine.proxy && story.peer->proxy) {
    pairs.emplace_back("in common", story.intersection ? story.intersection->text() : "nothing");
  }
  pairs.emplace_back("tunnel", story.tunnel ? joined(story.tunnel->boxes(), ", ") : "none");
  print_pairs(pairs);
  for (const auto& sentence : why) print_hanging("- ", sentence);
}

/// One line of a batch; false when it is no flow.
bool explain_line(const Policies& policies, const std::string& line, policy::DataPlane plane) {
  const auto flow = base::Flow::parse(line);
  if (!flow) {
    print_json(Json::object().add("flow", line).add("error", flow.error().message).add("hint", flow.error().hint));
    return false;
  }
  print_json(explanation_json(line, policies.explain(*flow, plane)));
  return true;
}

/// Ten times what a flow takes; what is longer is none.
constexpr std::size_t kMaxLine = 1024;

ExitStatus run_batch(const Policies& policies, policy::DataPlane plane) {
  bool all_good = true;
  std::string line;
  while (output_arrived() && next_line(std::cin, line, kMaxLine)) {
    if (line.ends_with('\r')) line.pop_back();
    all_good = explain_line(policies, line, plane) && all_good;
  }
  return all_good ? ExitStatus::kOk : ExitStatus::kNo;
}

std::optional<Policies> load(const ExplainOptions& options) {
  auto mine = load_policy(options.config, options.interfaces, "--interface");
  if (!options.peer) return mine ? std::optional(Policies{*std::move(mine), {}}) : std::nullopt;
  auto peer = load_policy(*options.peer, options.peer_interfaces, "--peer-interface");
  if (!mine || !peer) return std::nullopt;
  return Policies{*std::move(mine), std::move(peer)};
}

}  // namespace

ExitStatus run_explain(const Context& context, const ExplainOptions& options) {
  const auto policies = load(options);
  if (!policies) return ExitStatus::kNo;
  if (!options.flow) return run_batch(*policies, options.data_plane);
  const auto story = policies->explain(*options.flow, options.data_plane);
  if (context.json) {
    print_json(explanation_json(options.flow_text, story));
  } else {
    show(story, policies->story(story, options.data_plane));
  }
  return ExitStatus::kOk;
}

}  // namespace cli
