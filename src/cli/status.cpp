// `tedctl status`: the daemon at a glance.
#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/text.hpp"

namespace cli {

namespace {

bool observes(const control::Status& status) {
  return status.mode == "observe";
}

std::string charon_text(const control::Status& status) {
  if (observes(status)) return "not used: this gateway only observes";
  if (!status.charon_connected) return "not connected";
  return status.charon_version ? "connected, " + *status.charon_version : "connected";
}

std::string guard_text(const control::Status& status) {
  if (observes(status)) return "none: this gateway only observes, and nothing is protected ('tedctl observe')";
  if (status.openings.value_or(0) == 0) return status.guard;
  return fmt::format("{}; destinations open in the clear by on_failure = \"bypass\": {}", status.guard,
                     *status.openings);
}

Tone guard_tone(const control::Status& status) {
  if (observes(status)) return Tone::kPlain;
  return status.guard == "in force" && status.openings.value_or(0) == 0 ? Tone::kGood : Tone::kBad;
}

std::string shield_text(const control::Status& status) {
  if (!status.shield) return "off";
  std::vector<std::string> places;
  for (const auto& [interface, how] : *status.shield) places.push_back(interface + " " + how);
  return joined(places, ", ");
}

std::string discovery_text(const control::Status& status) {
  if (!status.discovery_keys) return "this tedd does not say";
  const std::int64_t keys = *status.discovery_keys;
  const bool signs = status.discovery_signs.value_or(false);
  if (keys == 0 && !signs) return "nobody proves who it is ([discovery] has no key_file and no sign)";
  std::string text = "proves itself by ";
  if (signs) text += "its certificate";
  if (keys > 0) text += fmt::format("{}a key ({} known)", signs ? " and " : "", keys);
  return text + (status.discovery_required.value_or(false) ? "; rules want the same of others, where they do not say"
                                                           : "; rules do not want it of others, where they do not say");
}

std::string data_plane_text(const control::Status& status) {
  if (status.data_plane) return *status.data_plane;
  return observes(status) ? "not known: a tedd that only observes does not ask strongSwan"
                          : "not known before strongSwan has answered";
}

void show(const control::Status& status) {
  std::vector<std::string> addresses;
  addresses.reserve(status.addresses.size());
  for (const auto& address : status.addresses) addresses.push_back(address.text());
  print_pairs({{"tedd", fmt::format("{}, process {}, {}", status.version, status.pid, status.state),
                status.state == "running" ? Tone::kPlain : Tone::kBad},
               {"since", fmt::format("{}, {}", control::text(status.since), span_text(status.uptime_ms))},
               {"gateway", joined(addresses, ", ")},
               {"interfaces", joined(status.interfaces, ", ")},
               {"data plane", data_plane_text(status)},
               {"charon", charon_text(status), observes(status) || status.charon_connected ? Tone::kPlain : Tone::kBad},
               {"guard", guard_text(status), guard_tone(status)},
               {"shield", shield_text(status)},
               {"discovery", discovery_text(status)},
               {"rules", fmt::format("{} from {}, read {}", status.rules, status.config, control::text(status.loaded))},
               {"tunnels", fmt::format("{}", status.tunnels)},
               {"pending", fmt::format("{}", status.pending)},
               {"peers", fmt::format("{}", status.peers)}});
  for (const std::string& one : status.flowtables.value_or(std::vector<std::string>{})) {
    print_hanging("flowtable ", one + ": what it carries passes no guard; keep protected networks out of it",
                  Tone::kBad);
  }
  for (const auto& [port, master] : status.ports.value_or(control::NamedValues<std::string>{})) {
    print_hanging("interface ", port + " is a port of " + master + ": name " + master + " in 'interfaces'", Tone::kBad);
  }
  for (const auto& [name, there_is] : status.missing.value_or(control::NamedValues<std::string>{})) {
    print_hanging("interface ", name + " of 'interfaces' is not there now and sees nothing: " + there_is, Tone::kBad);
  }
  if (status.reload_error) print_hanging("the last reload was refused: ", *status.reload_error, Tone::kBad);
}

}  // namespace

ExitStatus run_status(const Context& context) {
  return ask_and_show<control::Status>(context, {control::Command::kStatus, {}}, show);
}

}  // namespace cli
