#include "platform/nft/quoted.hpp"

#include <string>
#include <vector>

#include "platform/nft/caught.hpp"
#include "platform/nft/covered.hpp"
#include "platform/nft/drops.hpp"
#include "platform/nft/quoted_match.hpp"
#include "policy/guard_plan.hpp"

namespace nft {
namespace {

using base::Family;
using policy::Rule;

/// All that IANA has; behind one of them stand no ports.
constexpr std::string_view kExtensionHeaders = "{ 0, 43, 44, 51, 60, 135, 139, 140, 253, 254 }";

/// Nothing where all addresses are inside.
void add_outside(std::vector<std::string>& matches, const std::string& readable, Family family, std::uint32_t offset,
                 const std::vector<Interval>& intervals) {
  if (intervals.front().first == 0 && intervals.front().last == base::all_ones(family)) return;
  matches.push_back(readable + quoted_field(offset, quoted_header(family).address_bytes) +
                    "!= " + interval_set(intervals));
}

void add_of_no_rule(std::vector<std::string>& matches, std::span<const Rule> rules, Family family) {
  const bool v4 = family == Family::kV4;
  const std::string of_family = v4 ? "meta nfproto ipv4 " : "meta nfproto ipv6 ";
  const auto local = covered(rules, family, &Rule::local);
  const auto remote = covered(rules, family, &Rule::remote);
  if (local.empty()) return matches.push_back(of_family);
  const QuotedHeader header = quoted_header(family);
  const std::string readable = of_family + (v4 ? "@th,64,4 4 " : "@th,64,4 6 ");
  add_outside(matches, readable, family, header.destination, local);
  add_outside(matches, readable, family, header.source, remote);
}

}  // namespace

std::vector<std::string> quoted_of_no_rule(std::span<const Rule> rules) {
  std::vector<std::string> matches;
  for (const Family family : {Family::kV4, Family::kV6}) add_of_no_rule(matches, rules, family);
  return matches;
}

void write_quoted(Text& text, std::span<const Rule> rules) {
  text.open_chain("quoted");
  // An ICMP header, the quoted IP header and 8 bytes of what it carries are 36 and 56 bytes. IPv4 counts its own 20
  // too.
  text.line("ip hdrlength 5 ip length >= 56 @th,64,8 0x45 @th,112,16 & 0x1fff == 0 goto " +
            text.name("quoted_exactly"));
  text.line("ip6 nexthdr 58 ip6 length >= 56 @th,64,4 6 @th,112,8 != " + std::string(kExtensionHeaders) + " goto " +
            text.name("quoted_exactly"));
  for (const std::string& match : quoted_of_no_rule(rules)) text.line(match + "accept");
  text.line(counted(Drop::kQuoted) +
            " comment \"an ICMP error: what it quotes may be blocked or protected, and is not read further\"");
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
      text.rules(lines, counted(Drop::kQuoted), rule.name + ": block, quoted by an ICMP error");
    } else if (policy::may_open(rule)) {
      text.rules(lines, "counter goto " + text.name("open_" + std::to_string(i) + "_quoted"),
                 rule.name + ": protect, quoted by an ICMP error");
    } else {
      text.rules(lines, counted(Drop::kQuoted), rule.name + ": protect, quoted by an ICMP error");
    }
  }
  text.close();
}

}  // namespace nft
