// `tedctl pending`: discoveries under way and destinations held down.
#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/text.hpp"

namespace cli {

namespace {

void show(const std::vector<control::Pending>& list) {
  Table table({"RULE", "FLOW", "STATE", "ATTEMPTS", "NEXT", "COOKIE", "REASON"});
  for (const auto& pending : list) {
    table.add(
        {pending.rule, pending.flow.text(), pending_state(pending), fmt::format("{}", pending.attempts),
         pending.next_ms ? "in " + span_text(*pending.next_ms) : "-", or_dash(pending.cookie), or_dash(pending.reason)},
        pending.reason || pending.open.value_or(false) ? Tone::kBad : Tone::kPlain);
  }
  table.print("nothing is pending");
}

}  // namespace

ExitStatus run_pending(const Context& context) {
  return ask_and_show<std::vector<control::Pending>>(context, {control::Command::kPending, {}}, show);
}

}  // namespace cli
