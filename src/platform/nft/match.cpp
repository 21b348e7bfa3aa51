#include "platform/nft/match.hpp"

#include <algorithm>

#include "platform/nft/quoted_match.hpp"

namespace nft {
namespace {

using base::Family;
using base::MaskedAddress;
using base::PortRange;

constexpr std::size_t kMaxQuoted = 100;
constexpr std::uint16_t kMaxIcmpValue = 255;  // type and code are one byte each

std::string family_keyword(Family family) {
  return family == Family::kV4 ? "ip" : "ip6";
}

std::string joined(std::span<const std::string> items) {
  if (items.size() == 1) return items.front();
  std::string set = "{ ";
  for (const auto& item : items) {
    if (&item != &items.front()) set += ", ";
    set += item;
  }
  return set + " }";
}

/// One match part for all prefixes of the family together, and one for each entry with another mask. An entry that is
/// every address makes all others superfluous, and its part is the empty string.
std::vector<std::string> side_matches(Family family, std::string_view side, std::span<const MaskedAddress> entries) {
  std::vector<std::string> prefixes;
  std::vector<std::string> parts;
  const std::string left = family_keyword(family) + " " + std::string(side) + " ";
  for (const MaskedAddress& entry : entries) {
    if (entry.family() != family) continue;
    if (entry.mask() == 0) return {std::string{}};
    if (entry.prefix()) {
      prefixes.push_back(entry.text());
    } else {
      parts.push_back(left + "& " + base::Address(family, entry.mask()).text() + " == " + entry.address().text() + " ");
    }
  }
  if (!prefixes.empty()) parts.push_back(left + joined(prefixes) + " ");
  return parts;
}

std::string range_text(PortRange range) {
  return range.is_single() ? std::to_string(range.lo) : std::to_string(range.lo) + "-" + std::to_string(range.hi);
}

/// Words for one of the two port fields; nothing when the range is every value.
std::string field(std::string_view name, PortRange range) {
  if (range.is_any()) return {};
  return std::string(name) + " " + range_text(range) + " ";
}

PortRange icmp_range(PortRange range) {
  // Of 0 to 65535 only one byte exists: everything is said by no match at all.
  return range.lo == 0 && range.hi >= kMaxIcmpValue ? PortRange::any()
                                                    : PortRange{range.lo, std::min(range.hi, kMaxIcmpValue)};
}

std::string icmp_matches(const Box& box, base::Protocol protocol, Family family) {
  const PortRange type = icmp_range(box.local_port);
  const PortRange code = icmp_range(box.remote_port);
  const bool v4_protocol = protocol == base::Protocol::kIcmp;
  if (v4_protocol != (family == Family::kV4)) {
    // nft refuses `icmp type` beside IPv6 and the reverse; the rule may still be written, so the bytes are named.
    return field("@th,0,8", type) + field("@th,8,8", code);
  }
  const std::string keyword = v4_protocol ? "icmp" : "icmpv6";
  return field(keyword + " type", type) + field(keyword + " code", code);
}

bool names_ports(const Box& box) {
  return box.protocol && !(box.local_port.is_any() && box.remote_port.is_any());
}

std::string port_matches(const Box& box, Family family, Direction direction) {
  if (!box.protocol) return {};
  if (base::is_icmp(*box.protocol)) return icmp_matches(box, *box.protocol, family);
  const bool outbound = direction == Direction::kOutbound;
  return field("th sport", outbound ? box.local_port : box.remote_port) +
         field("th dport", outbound ? box.remote_port : box.local_port);
}

std::string protocol_match(const Box& box) {
  return box.protocol ? "meta l4proto " + std::to_string(base::number(*box.protocol)) + " " : std::string{};
}

bool holds_no_packet(const Box& box) {
  return box.protocol && base::is_icmp(*box.protocol) &&
         (box.local_port.lo > kMaxIcmpValue || box.remote_port.lo > kMaxIcmpValue);
}

/// `tail` follows the addresses and the protocol of every line of that family.
void append_lines(std::vector<std::string>& lines, const Box& box, Direction direction, Family family,
                  const std::string& tail) {
  const bool outbound = direction == Direction::kOutbound;
  const auto sources = side_matches(family, "saddr", outbound ? box.local : box.remote);
  const auto destinations = side_matches(family, "daddr", outbound ? box.remote : box.local);
  const std::string protocol = protocol_match(box);
  for (const auto& source : sources) {
    for (const auto& destination : destinations) {
      // Without any address the line would match the other family too.
      const std::string any = source.empty() && destination.empty()
                                  ? (family == Family::kV4 ? "meta nfproto ipv4 " : "meta nfproto ipv6 ")
                                  : std::string{};
      lines.push_back(any + source + destination + protocol + tail);
    }
  }
}

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("._:,@> /[]-").contains(c);
}

}  // namespace

Box box_of(const policy::Rule& rule) {
  return {rule.local, rule.remote, rule.protocol, rule.local_port, rule.remote_port};
}

Box box_of(const base::Selector& selector) {
  return {std::span(&selector.local, 1), std::span(&selector.remote, 1), selector.protocol, selector.local_port,
          selector.remote_port};
}

std::vector<std::string> matches(const Box& box, Direction direction) {
  std::vector<std::string> lines;
  if (holds_no_packet(box)) return lines;
  if (direction == Direction::kQuoted) return quoted_matches(box);
  for (const Family family : {Family::kV4, Family::kV6}) {
    append_lines(lines, box, direction, family, port_matches(box, family, direction));
  }
  return lines;
}

std::vector<std::string> fragment_matches(const Box& box, Direction direction) {
  std::vector<std::string> lines;
  if (!names_ports(box) || holds_no_packet(box)) return lines;
  append_lines(lines, box, direction, Family::kV4, "ip frag-off & 0x1fff != 0 ");
  append_lines(lines, box, direction, Family::kV6, "frag frag-off != 0 ");
  return lines;
}

std::vector<std::string> address_matches(std::string_view side, std::span<const MaskedAddress> addresses) {
  std::vector<std::string> lines;
  for (const Family family : {Family::kV4, Family::kV6}) {
    for (auto& part : side_matches(family, side, addresses)) {
      lines.push_back(part.empty() ? (family == Family::kV4 ? "meta nfproto ipv4 " : "meta nfproto ipv6 ")
                                   : std::move(part));
    }
  }
  return lines;
}

std::vector<MaskedAddress> hosts(std::span<const base::Address> addresses) {
  std::vector<MaskedAddress> sets;
  sets.reserve(addresses.size());
  for (const auto& address : addresses) sets.push_back(MaskedAddress::host(address));
  return sets;
}

std::string quote(std::string_view text) {
  std::string result = "\"";
  for (const char c : text.substr(0, kMaxQuoted)) result += is_plain(c) ? c : '?';
  return result + "\"";
}

std::string hexadecimal(base::Uint128 value) {
  std::string digits;
  do {
    digits.insert(digits.begin(), "0123456789abcdef"[static_cast<std::size_t>(value & 15)]);
    value >>= 4;
  } while (value != 0);
  return "0x" + digits;
}

std::string interface_set(std::span<const std::string> names) {
  std::vector<std::string> items;
  for (const auto& name : names) items.push_back(quote(name));
  return joined(items);
}

}  // namespace nft
