// `tedctl peers`: the gateways that the daemon has heard from.
#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/text.hpp"

namespace cli {

namespace {

void show(const std::vector<control::Peer>& peers) {
  Table table({"PEER", "TUNNELS", "LAST SEEN", "ROUND TRIP", "FORM", "PROVED BY", "CERTIFICATE ENDS"});
  for (const auto& peer : peers) {
    table.add({peer_text(peer.address, peer.identity), fmt::format("{}", peer.tunnels),
               span_text(peer.last_seen_ms) + " ago", peer.rtt_us ? fmt::format("{} us", *peer.rtt_us) : "-",
               or_dash(peer.form), or_dash(peer.proof),
               peer.certificate_until ? control::text(*peer.certificate_until) : "-"});
  }
  table.print("no peer is known");
}

}  // namespace

ExitStatus run_peers(const Context& context) {
  return ask_and_show<std::vector<control::Peer>>(context, {control::Command::kPeers, {}}, show);
}

}  // namespace cli
