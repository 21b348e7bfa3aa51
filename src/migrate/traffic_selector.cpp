#include "migrate/traffic_selector.hpp"

#include <algorithm>
#include <array>

#include "base/number.hpp"
#include "config/address_list.hpp"
#include "migrate/words.hpp"

namespace migrate {

namespace {

struct Service {
  std::string_view name;
  std::uint16_t port;
};

/// Those of /etc/services that people write there. That file itself is another machine's.
constexpr std::array kServices = {
    Service{"bgp", 179},  Service{"domain", 53}, Service{"ftp", 21},     Service{"http", 80},   Service{"https", 443},
    Service{"imap", 143}, Service{"imaps", 993}, Service{"isakmp", 500}, Service{"l2tp", 1701}, Service{"l2f", 1701},
    Service{"ldap", 389}, Service{"ldaps", 636}, Service{"ntp", 123},    Service{"smtp", 25},   Service{"snmp", 161},
    Service{"ssh", 22},   Service{"telnet", 23}, Service{"tftp", 69}};

// strongSwan cuts off host bits; a rule would not take them.
base::Result<std::vector<base::MaskedAddress>, std::string> addresses(std::string_view text) {
  const auto slash = text.find('/');
  if (slash != std::string_view::npos) {
    const auto address = base::Address::parse(text.substr(0, slash));
    if (address) {
      const auto length = base::parse_number<unsigned>(text.substr(slash + 1), base::width(address->family()));
      if (length) return std::vector<base::MaskedAddress>{base::Prefix(*address, *length)};
    }
    return std::unexpected("'" + std::string(text) + "' is no prefix");
  }
  if (text == "any") return std::unexpected("'any' is no prefix");
  auto parsed = config::parse_addresses(text);
  if (!parsed) return std::unexpected("'" + std::string(text) + "' is no address: " + parsed.error().message);
  return *std::move(parsed);
}

base::Result<base::PortRange, std::string> ports(std::string_view text) {
  if (text.empty() || text == "any") return base::PortRange::any();
  if (const auto range = base::PortRange::parse(text)) return *range;
  const auto service = std::ranges::find(kServices, text, &Service::name);
  if (service != kServices.end()) return base::PortRange::only(service->port);
  return std::unexpected("'" + std::string(text) + "' is no port that is known here: write its number");
}

}  // namespace

base::Result<TrafficSelector, std::string> parse_traffic_selector(std::string_view text) {
  TrafficSelector selector;
  text = trimmed(text);
  const auto bracket = text.find('[');
  if (bracket != std::string_view::npos) {
    if (text.back() != ']') return std::unexpected("a bracket does not close");
    const std::string_view inside = text.substr(bracket + 1, text.size() - bracket - 2);
    const auto slash = inside.find('/');
    const std::string_view protocol = inside.substr(0, slash);
    if (!protocol.empty() && protocol != "any" && protocol != "0") {
      const auto parsed = base::parse_protocol(protocol);
      if (!parsed) return std::unexpected("'" + std::string(protocol) + "' is no protocol");
      selector.protocol = *parsed;
    }
    TED_TRY(selector.ports, ports(slash == std::string_view::npos ? std::string_view() : inside.substr(slash + 1)));
    if (!selector.ports.is_any() && (!selector.protocol || !base::has_ports(*selector.protocol))) {
      return std::unexpected("a rule has ports only with a protocol that has ports; types of ICMP: write icmp = \"8\"");
    }
  }
  const std::string_view hosts = trimmed(text.substr(0, bracket));
  if (hosts == "dynamic") return selector;
  TED_TRY(selector.addresses, addresses(hosts));
  return selector;
}

}  // namespace migrate
