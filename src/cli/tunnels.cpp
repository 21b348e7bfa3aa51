// `tedctl tunnels`: what is up, to whom, and what it carries.
#include "cli/commands.hpp"
#include "cli/text.hpp"

namespace cli {

namespace {

void show(const std::vector<control::Tunnel>& tunnels) {
  Table table({"PEER", "RULE", "STATE", "ROLE", "FORM", "SINCE", "COOKIE", "SELECTORS"});
  for (const auto& tunnel : tunnels) {
    table.add({peer_text(tunnel.peer, tunnel.identity), tunnel.rule, tunnel.state,
               tunnel.initiator ? "initiator" : "responder", or_dash(tunnel.form), control::text(tunnel.since),
               or_dash(tunnel.cookie), joined(tunnel.selectors, ", ")});
  }
  table.print("no tunnel");
}

}  // namespace

ExitStatus run_tunnels(const Context& context) {
  return ask_and_show<std::vector<control::Tunnel>>(context, {control::Command::kTunnels, {}}, show);
}

}  // namespace cli
