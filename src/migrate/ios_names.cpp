#include "migrate/ios_names.hpp"

#include <algorithm>
#include <array>

#include "base/number.hpp"

namespace migrate {

namespace {

struct Name {
  std::string_view text;
  std::uint16_t number;
};

constexpr std::array kProtocols = {Name{"icmp", 1},   Name{"igmp", 2},  Name{"ipinip", 4}, Name{"tcp", 6},
                                   Name{"udp", 17},   Name{"gre", 47},  Name{"esp", 50},   Name{"ahp", 51},
                                   Name{"eigrp", 88}, Name{"ospf", 89}, Name{"nos", 94},   Name{"pim", 103},
                                   Name{"pcp", 108},  Name{"sctp", 132}};

constexpr std::array kTcp = {
    Name{"bgp", 179},     Name{"chargen", 19},      Name{"cmd", 514},      Name{"daytime", 13}, Name{"discard", 9},
    Name{"domain", 53},   Name{"echo", 7},          Name{"exec", 512},     Name{"finger", 79},  Name{"ftp", 21},
    Name{"ftp-data", 20}, Name{"gopher", 70},       Name{"hostname", 101}, Name{"ident", 113},  Name{"irc", 194},
    Name{"klogin", 543},  Name{"kshell", 544},      Name{"login", 513},    Name{"lpd", 515},    Name{"msrpc", 135},
    Name{"nntp", 119},    Name{"pim-auto-rp", 496}, Name{"pop2", 109},     Name{"pop3", 110},   Name{"smtp", 25},
    Name{"sunrpc", 111},  Name{"syslog", 514},      Name{"tacacs", 49},    Name{"talk", 517},   Name{"telnet", 23},
    Name{"time", 37},     Name{"uucp", 540},        Name{"whois", 43},     Name{"www", 80}};

constexpr std::array kUdp = {Name{"biff", 512},        Name{"bootpc", 68},
                             Name{"bootps", 67},       Name{"discard", 9},
                             Name{"dnsix", 195},       Name{"domain", 53},
                             Name{"echo", 7},          Name{"isakmp", 500},
                             Name{"mobile-ip", 434},   Name{"nameserver", 42},
                             Name{"netbios-dgm", 138}, Name{"netbios-ns", 137},
                             Name{"netbios-ss", 139},  Name{"non500-isakmp", 4500},
                             Name{"ntp", 123},         Name{"pim-auto-rp", 496},
                             Name{"rip", 520},         Name{"snmp", 161},
                             Name{"snmptrap", 162},    Name{"sunrpc", 111},
                             Name{"syslog", 514},      Name{"tacacs", 49},
                             Name{"talk", 517},        Name{"tftp", 69},
                             Name{"time", 37},         Name{"who", 513},
                             Name{"xdmcp", 177}};

// RFC 792; the code, where a name means one, in the high byte plus one.
constexpr std::uint16_t with_code(std::uint16_t type, std::uint16_t code) {
  return static_cast<std::uint16_t>(type | ((code + 1U) << 8U));
}
constexpr std::array kIcmp = {Name{"echo-reply", 0},
                              Name{"unreachable", 3},
                              Name{"net-unreachable", with_code(3, 0)},
                              Name{"host-unreachable", with_code(3, 1)},
                              Name{"protocol-unreachable", with_code(3, 2)},
                              Name{"port-unreachable", with_code(3, 3)},
                              Name{"packet-too-big", with_code(3, 4)},
                              Name{"administratively-prohibited", with_code(3, 13)},
                              Name{"source-quench", 4},
                              Name{"redirect", 5},
                              Name{"echo", 8},
                              Name{"router-advertisement", 9},
                              Name{"router-solicitation", 10},
                              Name{"time-exceeded", 11},
                              Name{"ttl-exceeded", with_code(11, 0)},
                              Name{"reassembly-timeout", with_code(11, 1)},
                              Name{"parameter-problem", 12},
                              Name{"timestamp-request", 13},
                              Name{"timestamp-reply", 14},
                              Name{"traceroute", 30}};

template <std::size_t N>
std::optional<std::uint16_t> find(const std::array<Name, N>& names, std::string_view word) {
  const auto found = std::ranges::find(names, word, &Name::text);
  return found == names.end() ? std::nullopt : std::optional(found->number);
}

}  // namespace

std::optional<base::Protocol> ios_protocol(std::string_view word) {
  auto number = find(kProtocols, word);
  if (!number) number = base::parse_number<std::uint16_t>(word, 255);
  return number ? std::optional(static_cast<base::Protocol>(*number)) : std::nullopt;
}

std::optional<std::uint16_t> ios_port(std::string_view word, base::Protocol protocol) {
  if (const auto number = base::parse_number<std::uint16_t>(word, 65535)) return number;
  return protocol == base::Protocol::kUdp ? find(kUdp, word) : find(kTcp, word);
}

std::optional<IosIcmp> ios_icmp(std::string_view word) {
  auto both = find(kIcmp, word);
  if (!both) both = base::parse_number<std::uint16_t>(word, 255);
  if (!both) return std::nullopt;
  IosIcmp message;
  message.type = static_cast<std::uint16_t>(*both & 0xffU);
  message.has_code = *both > 0xff;
  if (message.has_code) message.code = static_cast<std::uint16_t>((*both >> 8U) - 1);
  return message;
}

}  // namespace migrate
