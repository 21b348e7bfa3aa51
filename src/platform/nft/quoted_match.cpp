#include "platform/nft/quoted_match.hpp"

#include <algorithm>
#include <array>

namespace nft {
namespace {

using base::Family;
using base::MaskedAddress;
using base::PortRange;

constexpr std::uint16_t kMaxIcmpValue = 255;  // type and code are one byte each

std::string interval_text(const Interval& interval) {
  const std::string first = hexadecimal(interval.first);
  return interval.first == interval.last ? first : first + "-" + hexadecimal(interval.last);
}

/// As side_matches() of match.cpp, for a field without a type: nft knows no prefixes there.
std::vector<std::string> side_matches(Family family, std::uint32_t offset, std::span<const MaskedAddress> entries) {
  const std::string field = quoted_field(offset, quoted_header(family).address_bytes);
  std::vector<Interval> prefixes;
  std::vector<std::string> parts;
  for (const MaskedAddress& entry : entries) {
    if (entry.family() != family) continue;
    if (entry.mask() == 0) return {std::string{}};
    const base::Uint128 address = entry.address().value();
    if (entry.prefix()) {
      prefixes.push_back({address, address | (~entry.mask() & base::all_ones(family))});
    } else {
      parts.push_back(field + "& " + hexadecimal(entry.mask()) + " == " + hexadecimal(address) + " ");
    }
  }
  if (!prefixes.empty()) parts.push_back(field + interval_set(prefixes));
  return parts;
}

std::string value_match(std::uint32_t offset, std::uint32_t bytes, PortRange range) {
  if (range.is_any() || (bytes == 1 && range.lo == 0 && range.hi >= kMaxIcmpValue)) return {};
  if (bytes == 1) range.hi = std::min(range.hi, kMaxIcmpValue);
  return quoted_field(offset, bytes) + interval_set(std::array{Interval{range.lo, range.hi}});
}

/// Protocol and ports, or type and code. The quoted packet goes to the local side.
std::string upper_matches(const Box& box, const QuotedHeader& header) {
  if (!box.protocol) return {};
  const std::string protocol = quoted_field(header.protocol, 1) + std::to_string(base::number(*box.protocol)) + " ";
  if (base::is_icmp(*box.protocol)) {
    return protocol + value_match(header.transport, 1, box.local_port) +
           value_match(header.transport + 1, 1, box.remote_port);
  }
  return protocol + value_match(header.transport, 2, box.remote_port) +
         value_match(header.transport + 2, 2, box.local_port);
}

}  // namespace

std::string quoted_field(std::uint32_t offset, std::uint32_t bytes) {
  return "@th," + std::to_string(8 * offset) + "," + std::to_string(8 * bytes) + " ";
}

std::string interval_set(std::span<const Interval> intervals) {
  if (intervals.size() == 1) return interval_text(intervals.front()) + " ";
  std::string set;
  for (const Interval& interval : intervals) set += (set.empty() ? "{ " : ", ") + interval_text(interval);
  return set + " } ";
}

std::vector<std::string> quoted_matches(const Box& box) {
  std::vector<std::string> lines;
  for (const Family family : {Family::kV4, Family::kV6}) {
    const QuotedHeader header = quoted_header(family);
    const std::string of_family = family == Family::kV4 ? "meta nfproto ipv4 " : "meta nfproto ipv6 ";
    const std::string upper = upper_matches(box, header);
    for (const auto& source : side_matches(family, header.source, box.remote)) {
      for (const auto& destination : side_matches(family, header.destination, box.local)) {
        lines.push_back(of_family + source + destination + upper);
      }
    }
  }
  return lines;
}

}  // namespace nft
