#include "platform/nft/observation.hpp"

#include "platform/nft/ted_match.hpp"

namespace nft {
namespace {

constexpr std::string_view kWithPorts = "meta l4proto { tcp, udp, udplite, sctp, dccp } ";

struct Kind {
  std::string name;
  std::string type;
  std::string key;
};

Kind kind_of(const std::string& family, bool has_ports) {
  const std::string ip = family == "ipv4" ? "ip" : "ip6";
  const std::string both = ip + " saddr . " + ip + " daddr . meta l4proto";
  const std::string type = family + "_addr . " + family + "_addr . inet_proto";
  if (!has_ports) return {family + "_others", type, both};
  return {family + "_flows", type + " . inet_service . inet_service", both + " . th sport . th dport"};
}

std::string set_of(const Kind& kind) {
  return "\tset " + kind.name + " {\n\t\ttype " + kind.type +
         "\n\t\tsize 65536\n\t\tflags dynamic,timeout\n\t\ttimeout 1m\n\t}\n";
}

// What is over the rate is not entered either: its turn comes with its next packet.
std::string chain_of(const Kind& kind, std::uint16_t group) {
  return "\tchain " + kind.name + "_seen {\n\t\t" + kind.key + " @" + kind.name +
         " return\n\t\tlimit rate over 1000/second burst 1000 packets counter return comment \"not looked at: over the "
         "rate\"\n\t\tadd @" +
         kind.name + " { " + kind.key + " }\n\t\tlog prefix \"opented observe\" group " + std::to_string(group) +
         " snaplen 256 counter comment \"opented observe\"\n\t}\n";
}

std::string hook(const std::string& name) {
  return "\tchain " + name + " {\n\t\ttype filter hook " + name + " priority 10; policy accept;\n\t\tjump look\n\t}\n";
}

}  // namespace

std::string observation_ruleset(std::uint16_t group) {
  const std::string name(kObservationTable);
  // As in interception_ruleset(): the first line makes the second one succeed.
  std::string text =
      "table " + name + " { flags owner; }\ndelete table " + name + "\ntable " + name + " {\n\tflags owner;\n";
  std::string jumps;
  for (const std::string family : {"ipv4", "ipv6"}) {
    for (const bool has_ports : {true, false}) {
      const Kind kind = kind_of(family, has_ports);
      text += set_of(kind) + chain_of(kind, group);
      jumps += "\t\tmeta nfproto " + family + " " + (has_ports ? std::string(kWithPorts) : "") + "goto " + kind.name +
               "_seen\n";
    }
  }
  text +=
      "\tchain look {\n\t\toifname \"lo\" return\n\t\tmeta l4proto { esp, ah } return\n\t\tudp dport 4500 return\n"
      "\t\tudp sport 500 udp dport 500 return\n\t\t" +
      ted_match(kAnyTed) +
      "return\n\t\ticmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert, "
      "mld-listener-query, mld-listener-report, mld-listener-done, mld2-listener-report } return\n"
      "\t\tip frag-off & 0x1fff != 0 return\n" +
      jumps + "\t}\n";
  return text + hook("forward") + hook("output") + "}\n";
}

}  // namespace nft
