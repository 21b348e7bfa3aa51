// `tedctl history`: what happened lately to discoveries and tunnels.
#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/text.hpp"

namespace cli {

namespace {

void show(const control::History& history) {
  if (history.happenings.empty()) return print("nothing happened to discoveries and tunnels");
  if (history.forgotten > 0) print(fmt::format("{} that came before are forgotten", history.forgotten));
  for (const control::Happening& one : history.happenings) {
    std::string text = one.id + " " + one.text;
    if (one.rule) text += " rule=" + *one.rule;
    if (one.flow) text += " flow=" + one.flow->text();
    if (one.peer) text += " peer=" + one.peer->text();
    if (one.tunnel) text += fmt::format(" tunnel={}", *one.tunnel);
    print_hanging(control::text(one.time) + " ", text, tone_of_event(one.id));
  }
}

}  // namespace

ExitStatus run_history(const Context& context) {
  return ask_and_show<control::History>(context, {control::Command::kHistory, {}}, show);
}

}  // namespace cli
