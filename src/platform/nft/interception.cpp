#include "platform/nft/interception.hpp"

#include <algorithm>
#include <iterator>
#include <span>

#include "base/masked_address.hpp"
#include "platform/nft/caught.hpp"
#include "platform/nft/guard.hpp"
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

void append_lines(std::string& text, const std::vector<base::MaskedAddress>& destinations, const std::string& what,
                  const std::string& action) {
  for (const auto& match : address_matches("daddr", destinations)) {
    text += "\t\t" + match + whole_packet(match) + what + action + "\n";
  }
}

// An ICMP error that quotes a probe: behind ICMP's 8 bytes an IP header without options (bits 64 on), UDP to port 500,
// and in the ISAKMP header version and exchange type. What quotes less cannot be told from errors about others' IKE.
constexpr std::string_view kUnreachableV4 =
    "icmp type destination-unreachable icmp code != 4 @th,64,8 0x45 @th,136,8 17 @th,240,16 500 @th,424,16 0x10f0 ";
constexpr std::string_view kUnreachableV6 =
    "icmpv6 type destination-unreachable @th,112,8 17 @th,400,16 500 @th,584,16 0x10f0 ";

std::vector<base::MaskedAddress> of_family(std::span<const base::MaskedAddress> addresses, base::Family family) {
  std::vector<base::MaskedAddress> some;
  std::ranges::copy_if(addresses, std::back_inserter(some), [&](const auto& one) { return one.family() == family; });
  return some;
}

std::string log_and_drop(const std::string& prefix, std::uint16_t group) {
  return "log prefix " + quote(prefix) + " group " + std::to_string(group) + " counter drop comment " + quote(prefix);
}

/// Changing the mark there is what makes the kernel look again.
std::string release_chain() {
  return "\tchain release {\n\t\ttype route hook output priority mangle; policy accept;\n\t\tmeta mark " +
         std::to_string(kReleaseMark) + " meta mark set " + std::to_string(kReleasedMark) +
         " counter comment \"held packets go through their tunnels\"\n\t}\n";
}

}  // namespace

std::string interception_ruleset(const policy::Snapshot& policy, const InterceptOptions& options) {
  std::vector<base::MaskedAddress> answered;
  std::vector<base::MaskedAddress> asking;
  for (const auto& rule : policy.rules()) {
    if (rule.action != policy::Action::kProtect) continue;
    if (rule.respond) answered.insert(answered.end(), rule.local.begin(), rule.local.end());
    if (rule.discover) asking.insert(asking.end(), rule.local.begin(), rule.local.end());
  }

  const std::string name(kInterceptionTable);
  // The first line makes the second one succeed; it must carry the flag, or the kernel takes it for a change of owner.
  std::string text = "table " + name + " { flags owner; }\ndelete table " + name + "\ntable " + name + " {\n";
  text += "\tflags owner;\n\tchain prerouting {\n\t\ttype filter hook prerouting priority " + std::string(kPriority) +
          "; policy accept;\n";
  if (!options.interfaces.empty()) {
    text += "\t\tiifname != " + interface_set(options.interfaces) + " accept\n";
    append_lines(text, answered, ted_match(kProbe), log_and_drop("opented probe", options.probe_group));
    append_lines(text, hosts(options.gateway_addresses), "udp sport 500 " + ted_match(kResponse),
                 log_and_drop("opented response", options.response_group));
    const std::string unreachable = log_and_drop("opented unreachable", options.response_group);
    append_lines(text, of_family(asking, base::Family::kV4), std::string(kUnreachableV4), unreachable);
    append_lines(text, of_family(asking, base::Family::kV6), std::string(kUnreachableV6), unreachable);
  }
  text += "\t}\n";
  if (std::ranges::any_of(policy.rules(), holds)) text += release_chain();
  return text + "}\n";
}

}  // namespace nft
