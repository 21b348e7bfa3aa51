#include "platform/nft/interception.hpp"

#include "base/masked_address.hpp"
#include "platform/nft/match.hpp"
#include "platform/nft/ted_match.hpp"

namespace nft {
namespace {

// Ahead of reassembly (-400) and with it of conntrack (-200), which would otherwise learn flows that never arrive.
constexpr std::string_view kPriority = "-450";

/// Neither the first nor a later fragment.
std::string whole_packet(const std::string& match) {
  const bool v4 = match.starts_with("ip ") || match.ends_with("ipv4 ");
  return v4 ? "ip frag-off & 0x3fff == 0 " : "exthdr frag missing ";
}

void append_lines(std::string& text, const std::string& where, const std::vector<base::MaskedAddress>& destinations,
                  const std::string& what, const std::string& action) {
  for (const auto& match : address_matches("daddr", destinations)) {
    text += "\t\t" + where + match + whole_packet(match) + what + action + "\n";
  }
}

std::string log_and_drop(const std::string& prefix, std::uint16_t group) {
  return "log prefix " + quote(prefix) + " group " + std::to_string(group) + " counter drop comment " + quote(prefix);
}

}  // namespace

std::string interception_ruleset(const policy::Snapshot& policy, const InterceptOptions& options) {
  std::vector<base::MaskedAddress> answered;
  for (const auto& rule : policy.rules()) {
    if (rule.action != policy::Action::kProtect || !rule.respond) continue;
    answered.insert(answered.end(), rule.local.begin(), rule.local.end());
  }

  const std::string name(kInterceptionTable);
  // The first line makes the second one succeed; it must carry the flag, or the kernel takes it for a change of owner.
  std::string text = "table " + name + " { flags owner; }\ndelete table " + name + "\ntable " + name + " {\n";
  text += "\tflags owner;\n\tchain prerouting {\n\t\ttype filter hook prerouting priority " + std::string(kPriority) +
          "; policy accept;\n";
  if (!options.interfaces.empty()) {
    const std::string where = "iifname " + interface_set(options.interfaces) + " ";
    append_lines(text, where, answered, ted_match(kProbe), log_and_drop("opented probe", options.probe_group));
    append_lines(text, where, hosts(options.gateway_addresses), "udp sport 500 " + ted_match(kResponse),
                 log_and_drop("opented response", options.response_group));
  }
  return text + "\t}\n}\n";
}

}  // namespace nft
