// `tedctl observe`: what a gateway that only observes has found out.
#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/text.hpp"

namespace cli {

namespace {

std::string verdict_text(const control::Observation& one) {
  if (one.finding == "would_protect") {
    return one.peer_observes.value_or(false) ? "would protect, as soon as both do" : "would protect";
  }
  return one.reason.value_or(one.finding);
}

std::string traffic_text(const control::Observation& one) {
  return one.selectors.empty() ? one.flow.text() : joined(one.selectors, ", ");
}

void show(const std::vector<control::Observation>& list) {
  Table table({"RULE", "TRAFFIC", "PEER", "FLOWS", "LAST SEEN", "VERDICT"});
  for (const auto& one : list) {
    table.add({one.rule, traffic_text(one), one.peer ? one.peer->text() : "-", fmt::format("{}", one.flows),
               control::text(one.last), verdict_text(one)},
              one.finding == "would_protect" ? Tone::kGood : Tone::kPlain);
  }
  table.print("nothing was seen that a rule protects; only a gateway with mode = \"observe\" looks for it");
}

}  // namespace

ExitStatus run_observe(const Context& context) {
  return ask_and_show<std::vector<control::Observation>>(context, {control::Command::kObserve, {}}, show);
}

}  // namespace cli
