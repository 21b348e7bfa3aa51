#include "platform/nft/caught.hpp"

#include <algorithm>

#include "platform/nft/drops.hpp"
#include "platform/nft/dynamic.hpp"

namespace nft {
namespace {

using base::Family;
using policy::Rule;

// The engine needs P's addresses and ports and the summary's inputs, and decodes no deeper: 60 bytes of IPv4 header, or
// 40 of IPv6 with extension headers, and the ports fit.
constexpr std::string_view kSnapshotLength = "snaplen 256 ";

// What is behind a second of distinct flows is a scan. Beyond that the kernel stops remembering, and the report's own
// rate is the bound.
constexpr std::string_view kSeenBounds = "flags dynamic,timeout; timeout 1s; size 65536; ";
constexpr std::string_view kReportRate = "limit rate 5000/second burst 5000 packets ";

/// First packets that are kept, of one pair of hosts and in all: many times what tedd keeps, so that a rule that holds
/// costs no more than a report does.
constexpr std::string_view kHeldOfPair = "limit rate over 32/second burst 32 packets";
constexpr std::string_view kHeldRate = "limit rate 1000/second burst 1000 packets ";

bool any_rule(const policy::Snapshot& policy, auto predicate) {
  return std::ranges::any_of(policy.rules(), predicate);
}

void write_seen_sets(Text& text, bool local_ports) {
  const std::string ports = local_ports ? " . inet_service . inet_service" : " . inet_service";
  for (const std::string family : {"4", "6"}) {
    const std::string address = family == "4" ? "ipv4_addr" : "ipv6_addr";
    const std::string key = "type " + address + " . " + address + " . inet_proto";
    text.line("set " + text.name("seen" + family) + " { " + key + "; " + std::string(kSeenBounds) + "}");
    text.line("set " + text.name("seen" + family + "_ports") + " { " + key + ports + "; " + std::string(kSeenBounds) +
              "}");
  }
}

/// A chain that drops what was reported within the second, by the address pair, protocol and `fields`.
void write_dedup(Text& text, std::string_view chain, const std::string& set_suffix, const std::string& fields) {
  text.open_chain(chain);
  for (const std::string family : {"4", "6"}) {
    const std::string ip = family == "4" ? "ip" : "ip6";
    text.line("add @" + text.name("seen" + family + set_suffix) + " { " + ip + " saddr . " + ip +
              " daddr . meta l4proto" + fields + " limit rate over 1/second burst 1 packets } " +
              counted(Drop::kNoTunnel) + " comment \"caught again within a second\"");
  }
  text.close();
}

}  // namespace

void write_fragments_drop(Text& text) {
  text.line("ip frag-off & 0x1fff != 0 " + counted(Drop::kFragment) + " comment \"caught, a fragment without ports\"");
  text.line("meta nfproto ipv6 frag frag-off != 0 " + counted(Drop::kFragment) +
            " comment \"caught, a fragment without ports\"");
}

std::string report(const GuardOptions& options, std::string_view prefix, std::string_view length) {
  return "log prefix " + quote(std::string(prefix)) + " group " + std::to_string(options.catch_group) + " " +
         std::string(length) + counted(Drop::kNoTunnel) + " ";
}

void write_hold_chain(Text& text, const GuardOptions& options) {
  for (const std::string family : {"4", "6"}) {
    const std::string address = family == "4" ? "ipv4_addr" : "ipv6_addr";
    text.line("set " + text.name("held" + family) + " { type " + address + " . " + address + "; " +
              std::string(kSeenBounds) + "}");
  }
  text.open_chain("hold");
  write_fragments_drop(text);
  for (const std::string family : {"4", "6"}) {
    const std::string ip = family == "4" ? "ip" : "ip6";
    text.line("add @" + text.name("held" + family) + " { " + ip + " saddr . " + ip + " daddr " +
              std::string(kHeldOfPair) + " } " + counted(Drop::kNoTunnel) +
              " comment \"caught, more than are held of two hosts\"");
  }
  text.line(std::string(kHeldRate) + report(options, kHeldPrefix, "") + "comment \"caught, reported and held\"");
  text.line(std::string(kReportRate) + report(options, "opented caught", kSnapshotLength) +
            "comment \"caught and reported, too many to hold\"");
  text.line(counted(Drop::kNoTunnel) + " comment \"caught, too many to report\"");
  text.close();
}

// The kernel goes 16 chains deep, and a plan has most of them: so `catch` has but one level below it.
void write_catch_chains(Text& text, const policy::Snapshot& policy, const GuardOptions& options) {
  const bool local_ports = any_rule(policy, [](const Rule& rule) {
    return rule.protocol && base::has_ports(*rule.protocol) && !rule.local_port.is_any();
  });
  write_seen_sets(text, local_ports);
  write_dedup(text, "catch_ports", "_ports", local_ports ? " . th sport . th dport" : " . th dport");
  // Type and code stand where the source port of other protocols does; the two bytes behind them are the checksum.
  write_dedup(text, "catch_icmp", "_ports", local_ports ? " . th sport . th sport" : " . th sport");
  write_dedup(text, "catch_other", "", "");
  text.open_chain("catch");
  write_fragments_drop(text);
  text.line("meta l4proto { 6, 17, 33, 132, 136 } jump " + text.name("catch_ports"));
  text.line("meta l4proto { 1, 58 } jump " + text.name("catch_icmp"));
  text.line("meta l4proto != { 1, 6, 17, 33, 58, 132, 136 } jump " + text.name("catch_other"));
  text.line(std::string(kReportRate) + report(options, "opented caught", kSnapshotLength) +
            "comment \"caught and reported\"");
  text.line(counted(Drop::kNoTunnel) + " comment \"caught, too many to report\"");
  text.close();
  if (any_rule(policy, holds)) write_hold_chain(text, options);
}

bool holds(const Rule& rule) {
  return rule.first_packet == policy::FirstPacket::kHold;
}

std::string_view catch_chain(const Rule& rule) {
  return holds(rule) ? "hold" : "catch";
}

// What passes through an opening is still reported, once a second for each destination: only so does the engine know
// that somebody wants to go there, and looks for a peer again.
void write_opening_chains(Text& text, const policy::Snapshot& policy, std::uint16_t group) {
  if (any_rule(policy, may_open)) {
    text.line("set " + text.name("reopen4") + " { type ipv4_addr; " + std::string(kSeenBounds) + "}");
    text.line("set " + text.name("reopen6") + " { type ipv6_addr; " + std::string(kSeenBounds) + "}");
  }
  for (std::size_t i = 0; i < policy.rules().size(); ++i) {
    const Rule& rule = policy.rules()[i];
    if (!may_open(rule)) continue;
    std::vector<std::string> seen;
    std::vector<std::string> to;
    std::vector<std::string> from;
    for (const Family family : {Family::kV4, Family::kV6}) {
      if (!has_remote(rule, family)) continue;
      const std::string set = text.name(opening_set(i, family));
      const std::string ip = family == Family::kV4 ? "ip" : "ip6";
      text.line("set " + set + " { type " + (family == Family::kV4 ? "ipv4_addr" : "ipv6_addr") +
                "; flags timeout; size " + std::to_string(kMaxOpeningsPerRule) + "; }");
      const std::string reopen = text.name(family == Family::kV4 ? "reopen4" : "reopen6");
      seen.push_back(ip + " daddr @" + set + " add @" + reopen + " { " + ip +
                     " daddr limit rate 1/second burst 1 packets } ");
      to.push_back(ip + " daddr @" + set + " ");
      from.push_back(ip + " saddr @" + set + " ");
    }
    text.open_chain("open_" + std::to_string(i) + "_to");
    text.rules(seen,
               "log prefix \"opented open\" group " + std::to_string(group) + " " + std::string(kSnapshotLength) +
                   "counter accept",
               rule.name + ": no peer, passes in the clear, reported");
    text.rules(to, "counter accept", rule.name + ": no peer, passes in the clear");
    text.line("goto " + text.name(catch_chain(rule)));
    text.close();
    text.open_chain("open_" + std::to_string(i) + "_from");
    text.rules(from, "counter accept", rule.name + ": no peer, reply in the clear");
    text.line(counted(Drop::kRefused) + " comment " + quote(rule.name + ": protect, came in the clear"));
    text.close();
    text.open_chain("open_" + std::to_string(i) + "_quoted");
    text.rules(to, "counter accept", rule.name + ": no peer, an ICMP error about what passes in the clear");
    text.line(counted(Drop::kQuoted) + " comment " + quote(rule.name + ": protect, quoted by an ICMP error"));
    text.close();
  }
}

}  // namespace nft
