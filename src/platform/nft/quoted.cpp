#include "platform/nft/quoted.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "platform/nft/caught.hpp"
#include "platform/nft/quoted_match.hpp"
#include "policy/guard_plan.hpp"

namespace nft {
namespace {

using base::Family;
using base::MaskedAddress;
using policy::Rule;

constexpr std::size_t kMostIntervals = 256;

/// All that IANA has; behind one of them stand no ports.
constexpr std::string_view kExtensionHeaders = "{ 0, 43, 44, 51, 60, 135, 139, 140, 253, 254 }";

/// Sorted, and neither overlapping nor touching.
std::vector<Interval> joined(std::vector<Interval> intervals) {
  std::ranges::sort(intervals, {}, &Interval::first);
  std::vector<Interval> result;
  for (const Interval& next : intervals) {
    if (!result.empty() && (next.first == 0 || next.first - 1 <= result.back().last)) {
      result.back().last = std::max(result.back().last, next.last);
    } else {
      result.push_back(next);
    }
  }
  return result;
}

/// The same with fewer holes: of those only the widest stay.
std::vector<Interval> bounded(const std::vector<Interval>& intervals) {
  if (intervals.size() <= kMostIntervals) return intervals;
  std::vector<base::Uint128> holes;
  for (std::size_t i = 1; i < intervals.size(); ++i) holes.push_back(intervals[i].first - intervals[i - 1].last);
  auto sorted = holes;
  std::ranges::nth_element(sorted, sorted.begin() + (kMostIntervals - 1), std::greater{});
  const base::Uint128 narrow = sorted[kMostIntervals - 1];
  std::vector<Interval> result{intervals.front()};
  for (std::size_t i = 1; i < intervals.size(); ++i) {
    if (holes[i - 1] > narrow) {
      result.push_back(intervals[i]);
    } else {
      result.back().last = intervals[i].last;
    }
  }
  return result;
}

bool has(const std::vector<MaskedAddress>& side, Family family) {
  return std::ranges::any_of(side, [family](const auto& entry) { return entry.family() == family; });
}

/// Around all addresses of one side of what is blocked or protected.
std::vector<Interval> around(std::span<const Rule> rules, Family family, std::vector<MaskedAddress> Rule::* side) {
  std::vector<Interval> intervals;
  for (const Rule& rule : rules) {
    if (rule.action == policy::Action::kBypass || !has(rule.local, family) || !has(rule.remote, family)) continue;
    for (const MaskedAddress& entry : rule.*side) {
      if (entry.family() != family) continue;
      const MaskedAddress prefix(entry.covering_prefix());
      const base::Uint128 first = prefix.address().value();
      intervals.push_back({first, first | (~prefix.mask() & base::all_ones(family))});
    }
  }
  return bounded(joined(std::move(intervals)));
}

void write_side(Text& text, const std::string& readable, Family family, std::uint32_t offset,
                const std::vector<Interval>& intervals) {
  if (intervals.front().first == 0 && intervals.front().last == base::all_ones(family)) return;
  text.line(readable + quoted_field(offset, quoted_header(family).address_bytes) + "!= " + interval_set(intervals) +
            "accept");
}

void write_by_addresses(Text& text, std::span<const Rule> rules, Family family) {
  const bool v4 = family == Family::kV4;
  const std::string of_family = v4 ? "meta nfproto ipv4 " : "meta nfproto ipv6 ";
  const auto local = around(rules, family, &Rule::local);
  const auto remote = around(rules, family, &Rule::remote);
  if (local.empty()) return text.line(of_family + "accept");
  const QuotedHeader header = quoted_header(family);
  const std::string readable = of_family + (v4 ? "@th,64,4 4 " : "@th,64,4 6 ");
  write_side(text, readable, family, header.destination, local);
  write_side(text, readable, family, header.source, remote);
}

}  // namespace

void write_quoted(Text& text, std::span<const Rule> rules) {
  text.open_chain("quoted");
  // An ICMP header, the quoted IP header and 8 bytes of what it carries are 36 and 56 bytes. IPv4 counts its own 20
  // too.
  text.line("ip hdrlength 5 ip length >= 56 @th,64,8 0x45 @th,112,16 & 0x1fff == 0 goto " +
            text.name("quoted_exactly"));
  text.line("ip6 nexthdr 58 ip6 length >= 56 @th,64,4 6 @th,112,8 != " + std::string(kExtensionHeaders) + " goto " +
            text.name("quoted_exactly"));
  for (const Family family : {Family::kV4, Family::kV6}) write_by_addresses(text, rules, family);
  text.line(
      "counter drop comment \"an ICMP error: what it quotes may be blocked or protected, and is not read further\"");
  text.close();
}

void write_quoted_exactly(Text& text, std::span<const Rule> rules) {
  text.open_chain("quoted_exactly");
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const Rule& rule = rules[i];
    const auto lines = matches(box_of(rule), Direction::kQuoted);
    if (rule.action == policy::Action::kBypass) {
      text.rules(lines, "counter accept", rule.name + ": bypass, quoted by an ICMP error");
    } else if (rule.action == policy::Action::kBlock) {
      text.rules(lines, "counter drop", rule.name + ": block, quoted by an ICMP error");
    } else if (policy::may_open(rule)) {
      text.rules(lines, "counter goto " + text.name("open_" + std::to_string(i) + "_quoted"),
                 rule.name + ": protect, quoted by an ICMP error");
    } else {
      text.rules(lines, "counter drop", rule.name + ": protect, quoted by an ICMP error");
    }
  }
  text.close();
}

}  // namespace nft
