#include "platform/nft/caught.hpp"

#include <algorithm>
#include <array>

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
constexpr std::string_view kOverReportRate = "limit rate over 5000/second burst 5000 packets ";

// A host with more flows than people and their programs begin is busy, and all busy ones together have half of the
// reports: however many scan, their neighbours find room. What hosts are told apart is bounded: one beyond that is
// taken for calm. At once a busy one has no more than the socket of the reports holds.
constexpr std::string_view kHostBounds = "flags dynamic,timeout; timeout 10s; size 65536; ";
constexpr std::string_view kBusy = "limit rate over 100/second burst 200 packets";
constexpr std::string_view kOverBusyRate = "limit rate over 500/second burst 500 packets";
constexpr std::string_view kOverRateOfBusy = "limit rate over 2500/second burst 500 packets ";

constexpr std::string_view kWithPorts = "{ 6, 17, 33, 132, 136 }";
constexpr std::string_view kIcmp = "{ 1, 58 }";
constexpr std::string_view kOthers = "!= { 1, 6, 17, 33, 58, 132, 136 }";

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

/// A kind of flow: how it is told, the set that remembers it, and by what beside its hosts and protocol.
struct Kind {
  std::string_view protocols;
  std::string set;
  std::string fields;
};

std::array<Kind, 3> kinds(bool local_ports) {
  // Type and code of ICMP stand where the source port of other protocols does; the two bytes behind are the checksum.
  return {Kind{kWithPorts, "_ports", local_ports ? " . th sport . th dport" : " . th dport"},
          Kind{kIcmp, "_ports", local_ports ? " . th sport . th sport" : " . th sport"}, Kind{kOthers, "", ""}};
}

/// A rule for each kind of flow and family: what `line` makes of the set and the key.
template <class Line>
void for_each_flow(Text& text, bool local_ports, Line line) {
  for (const Kind& kind : kinds(local_ports)) {
    for (const std::string family : {"4", "6"}) {
      const std::string ip = family == "4" ? "ip" : "ip6";
      const std::string key = ip + " saddr . " + ip + " daddr . meta l4proto" + kind.fields;
      text.line("meta l4proto " + std::string(kind.protocols) + " " +
                line("@" + text.name("seen" + family + kind.set), key));
    }
  }
}

/// `what` becomes of the packets of a host that is over the rate, which `set` remembers. An IPv6 host has a /64.
void write_host_limit(Text& text, std::string_view set, std::string_view rate, const std::string& what) {
  for (const std::string family : {"4", "6"}) {
    const std::string host = family == "4" ? "ip saddr" : "ip6 saddr & ffff:ffff:ffff:ffff::";
    text.line("update @" + text.name(std::string(set) + family) + " { " + host + " " + std::string(rate) + " } " +
              what);
  }
}

void write_busy_chain(Text& text) {
  for (const std::string set : {"asking", "busy"}) {
    for (const std::string family : {"4", "6"}) {
      text.line("set " + text.name(set + family) + " { type " + (family == "4" ? "ipv4_addr" : "ipv6_addr") + "; " +
                std::string(kHostBounds) + "}");
    }
  }
  text.open_chain("catch_busy");
  write_host_limit(text, "busy", kOverBusyRate,
                   counted(Drop::kNoTunnel) + " comment \"caught, too many of one host to report\"");
  text.line(std::string(kOverRateOfBusy) + counted(Drop::kNoTunnel) +
            " comment \"caught, too many of busy hosts to report\"");
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
  // Of a host that begins very many flows only word is passed on: it would take the room of those of its neighbours.
  write_host_limit(text, "asking", kBusy, "goto " + text.name("catch"));
  text.line(std::string(kHeldRate) + report(options, kHeldPrefix, "") + "comment \"caught, reported and held\"");
  text.line(std::string(kReportRate) + report(options, "opented caught", kSnapshotLength) +
            "comment \"caught and reported, too many to hold\"");
  text.line(counted(Drop::kNoTunnel) + " comment \"caught, too many to report\"");
  text.close();
}

// The kernel goes 16 chains deep, and a plan has most of them: so `catch` has but one level below it. What was reported
// within the second costs its host nothing.
void write_catch_chains(Text& text, const policy::Snapshot& policy, const GuardOptions& options) {
  const bool local_ports = any_rule(policy, [](const Rule& rule) {
    return rule.protocol && base::has_ports(*rule.protocol) && !rule.local_port.is_any();
  });
  write_seen_sets(text, local_ports);
  write_busy_chain(text);
  text.open_chain("catch");
  write_fragments_drop(text);
  for_each_flow(text, local_ports, [](const std::string& set, const std::string& key) {
    return key + " " + set + " " + counted(Drop::kNoTunnel) + " comment \"caught again within a second\"";
  });
  write_host_limit(text, "asking", kBusy, "jump " + text.name("catch_busy"));
  text.line(std::string(kOverReportRate) + counted(Drop::kNoTunnel) + " comment \"caught, too many to report\"");
  // Only now: what was not told is not remembered, and its next packet is as good as the first.
  for_each_flow(text, local_ports,
                [](const std::string& set, const std::string& key) { return "add " + set + " { " + key + " }"; });
  text.line(report(options, "opented caught", kSnapshotLength) + "comment \"caught and reported\"");
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
