#include "platform/nft/guard.hpp"

#include <algorithm>

#include "platform/nft/dynamic.hpp"
#include "platform/nft/match.hpp"

namespace nft {
namespace {

using base::Family;
using policy::Rule;

constexpr std::string_view kTed = "udp dport 500 @th,200,16 { 0x10f0, 0x10f1 } ";  // protocol.md, section 5

// The engine needs P's addresses and ports and the summary's inputs, and decodes no deeper: 60 bytes of IPv4 header, or
// 40 of IPv6 with extension headers, and the ports fit.
constexpr std::string_view kSnapshotLength = "snaplen 256 ";

// What is behind a second of distinct flows is a scan. Beyond that the kernel stops remembering, and the report's own
// rate is the bound.
constexpr std::string_view kSeenBounds = "flags dynamic,timeout; timeout 1s; size 65536; ";
constexpr std::string_view kReportRate = "limit rate 5000/second burst 5000 packets ";

/// Appends lines with the indentation of their depth.
class Text {
 public:
  void line(const std::string& text) { text_ += std::string(depth_, '\t') + text + "\n"; }
  void open(const std::string& text) {
    line(text + " {");
    ++depth_;
  }
  void close() {
    --depth_;
    line("}");
  }
  /// `match verdict` for each match, with a comment on each.
  void rules(const std::vector<std::string>& matches, const std::string& verdict, const std::string& comment) {
    for (const auto& match : matches) line(match + verdict + " comment " + quote(comment));
  }
  [[nodiscard]] std::string take() && { return std::move(text_); }

 private:
  std::string text_;
  std::size_t depth_ = 0;
};

bool any_rule(const policy::Snapshot& policy, auto predicate) {
  return std::ranges::any_of(policy.rules(), predicate);
}

std::string number_of(std::size_t rule) {
  return std::to_string(rule);
}

// ---- sets and the chains of caught packets

void write_seen_sets(Text& text, bool local_ports) {
  const std::string ports = local_ports ? " . inet_service . inet_service" : " . inet_service";
  for (const std::string family : {"4", "6"}) {
    const std::string address = family == "4" ? "ipv4_addr" : "ipv6_addr";
    const std::string key = "type " + address + " . " + address + " . inet_proto";
    text.line("set seen" + family + " { " + key + "; " + std::string(kSeenBounds) + "}");
    text.line("set seen" + family + "_ports { " + key + ports + "; " + std::string(kSeenBounds) + "}");
  }
}

/// Drops what was reported within the second, by the address pair, protocol and `fields`.
void write_dedup(Text& text, const std::string& set_suffix, const std::string& fields) {
  for (const std::string family : {"4", "6"}) {
    const std::string ip = family == "4" ? "ip" : "ip6";
    text.line("add @seen" + family + set_suffix + " { " + ip + " saddr . " + ip + " daddr . meta l4proto" + fields +
              " limit rate over 1/second burst 1 packets } counter drop comment \"caught again within a second\"");
  }
  text.line("goto report");
}

void write_catch_chains(Text& text, const policy::Snapshot& policy, const GuardOptions& options) {
  const bool local_ports = any_rule(policy, [](const Rule& rule) {
    return rule.protocol && base::has_ports(*rule.protocol) && !rule.local_port.is_any();
  });
  const bool holds = any_rule(policy, [](const Rule& rule) { return rule.first_packet == policy::FirstPacket::kHold; });
  write_seen_sets(text, local_ports);
  text.open("chain catch");
  text.line("ip frag-off & 0x1fff != 0 counter drop comment \"caught, a fragment without ports\"");
  text.line("meta nfproto ipv6 frag frag-off != 0 counter drop comment \"caught, a fragment without ports\"");
  text.line("meta l4proto { 6, 17, 33, 132, 136 } goto catch_ports");
  text.line("meta l4proto { 1, 58 } goto catch_icmp");
  write_dedup(text, "", "");
  text.close();
  text.open("chain catch_ports");
  write_dedup(text, "_ports", local_ports ? " . th sport . th dport" : " . th dport");
  text.close();
  // Type and code stand where the source port of other protocols does; the two bytes behind them are the checksum.
  text.open("chain catch_icmp");
  write_dedup(text, "_ports", local_ports ? " . th sport . th sport" : " . th sport");
  text.close();
  text.open("chain report");
  text.line(std::string(kReportRate) + "log prefix \"opented caught\" group " + std::to_string(options.catch_group) +
            " " + (holds ? "" : std::string(kSnapshotLength)) + "counter drop comment \"caught and reported\"");
  text.line("counter drop comment \"caught, too many to report\"");
  text.close();
}

// What passes through an opening is still reported, once a second for each destination: only so does the engine know
// that somebody wants to go there, and looks for a peer again.
void write_opening_chains(Text& text, const policy::Snapshot& policy, std::uint16_t group) {
  if (any_rule(policy, may_open)) {
    text.line("set reopen4 { type ipv4_addr; " + std::string(kSeenBounds) + "}");
    text.line("set reopen6 { type ipv6_addr; " + std::string(kSeenBounds) + "}");
  }
  for (std::size_t i = 0; i < policy.rules().size(); ++i) {
    const Rule& rule = policy.rules()[i];
    if (!may_open(rule)) continue;
    std::vector<std::string> seen;
    std::vector<std::string> to;
    std::vector<std::string> from;
    for (const Family family : {Family::kV4, Family::kV6}) {
      if (!has_remote(rule, family)) continue;
      const std::string set = opening_set(i, family);
      const std::string ip = family == Family::kV4 ? "ip" : "ip6";
      text.line("set " + set + " { type " + (family == Family::kV4 ? "ipv4_addr" : "ipv6_addr") +
                "; flags timeout; size " + std::to_string(kMaxOpeningsPerRule) + "; }");
      const std::string reopen = family == Family::kV4 ? "reopen4" : "reopen6";
      seen.push_back(ip + " daddr @" + set + " add @" + reopen + " { " + ip +
                     " daddr limit rate 1/second burst 1 packets } ");
      to.push_back(ip + " daddr @" + set + " ");
      from.push_back(ip + " saddr @" + set + " ");
    }
    text.open("chain open_" + number_of(i) + "_to");
    text.rules(seen,
               "log prefix \"opented open\" group " + std::to_string(group) + " " + std::string(kSnapshotLength) +
                   "counter accept",
               rule.name + ": no peer, passes in the clear, reported");
    text.rules(to, "counter accept", rule.name + ": no peer, passes in the clear");
    text.line("goto catch");
    text.close();
    text.open("chain open_" + number_of(i) + "_from");
    text.rules(from, "counter return", rule.name + ": no peer, reply in the clear");
    text.line("counter drop comment " + quote(rule.name + ": protect, came in the clear"));
    text.close();
  }
}

// ---- the policy's rules

void write_fragments(Text& text, const Rule& rule, Direction direction, const GuardOptions& options) {
  if (options.reassemble || rule.action == policy::Action::kBypass) return;
  text.rules(fragment_matches(box_of(rule), direction), "counter drop", rule.name + ": fragment without ports");
}

void write_outbound(Text& text, const Rule& rule, std::size_t index, const GuardOptions& options) {
  const auto lines = matches(box_of(rule), Direction::kOutbound);
  if (rule.action == policy::Action::kBypass) {
    text.rules(lines, "counter accept", rule.name + ": bypass");
  } else if (rule.action == policy::Action::kBlock) {
    text.rules(lines, "counter drop", rule.name + ": block");
  } else if (may_open(rule)) {
    text.rules(lines, "counter goto open_" + number_of(index) + "_to", rule.name + ": protect, no tunnel");
  } else if (rule.discover) {
    text.rules(lines, "counter goto catch", rule.name + ": protect, no tunnel");
  } else {
    text.rules(lines, "counter drop", rule.name + ": protect, no tunnel, discovery off");
  }
  write_fragments(text, rule, Direction::kOutbound, options);
}

void write_inbound(Text& text, const Rule& rule, std::size_t index, const GuardOptions& options,
                   const std::string& bypass = "accept") {
  const auto lines = matches(box_of(rule), Direction::kInbound);
  if (rule.action == policy::Action::kBypass) {
    text.rules(lines, "counter " + bypass, rule.name + ": bypass, inbound");
  } else if (rule.action == policy::Action::kBlock) {
    text.rules(lines, "counter drop", rule.name + ": block, inbound");
  } else if (may_open(rule)) {
    text.rules(lines, "counter goto open_" + number_of(index) + "_from", rule.name + ": protect, inbound");
  } else {
    text.rules(lines, "counter drop", rule.name + ": protect, came in the clear");
  }
  write_fragments(text, rule, Direction::kInbound, options);
}

// ---- what passes before any rule is asked

void write_own_traffic(Text& text, const GuardOptions& options, Direction direction) {
  const bool out = direction == Direction::kOutbound;
  for (const auto& match : address_matches(out ? "saddr" : "daddr", hosts(options.gateway_addresses))) {
    text.line(match + (out ? "udp sport" : "udp dport") + " { 500, 4500 } counter accept comment \"our IKE\"");
    text.line(match + "meta l4proto { 50, 51 } counter accept comment \"our ESP and AH\"");
    if (out) continue;
    const bool v4 = match.starts_with("ip ");
    text.line(match +
              (v4 ? "icmp type destination-unreachable" : "icmpv6 type { destination-unreachable, packet-too-big }") +
              " counter accept comment \"path MTU of our ESP\"");
  }
}

void write_local_links(Text& text, Direction direction) {
  const bool out = direction == Direction::kOutbound;
  text.line(std::string(out ? "oifname" : "iifname") + " \"lo\" accept");
  text.line("icmpv6 type { 130-137, 143 } accept comment \"MLD, router and neighbour discovery\"");
  text.line("ip protocol 2 accept comment \"IGMP\"");
}

void write_tunnel_exits(Text& text, const GuardOptions& options, bool leaving, bool arriving) {
  if (leaving) text.line("rt ipsec exists counter accept comment \"leaves through a tunnel\"");
  if (arriving) text.line("meta ipsec exists counter accept comment \"came out of a tunnel\"");
  if (options.tunnel_interface.empty()) return;
  // What comes from there was decrypted and checked against its tunnel's selectors by charon.
  const std::string device = quote(options.tunnel_interface);
  if (arriving) text.line("iifname " + device + " counter accept comment \"came out of a tunnel\"");
  if (leaving) text.line("oifname " + device + " jump tunnels");
}

void open_hook(Text& text, const std::string& hook) {
  text.open("chain " + hook);
  text.line("type filter hook " + hook + " priority 300; policy accept;");
}

// The rules for a packet that is forwarded. What arrives from outside is judged by the inbound lines, what leaves by
// the outbound ones: a bypass line mirrored must not let out what a later line protects. What comes from outside and
// goes outside again is judged by both, so bypass in `arriving` returns, and so does a reply through an opening.
void write_directions(Text& text, std::span<const Rule> rules, const GuardOptions& options) {
  text.open("chain arriving");
  for (std::size_t i = 0; i < rules.size(); ++i) write_inbound(text, rules[i], i, options, "return");
  text.close();
  text.open("chain leaving");
  for (std::size_t i = 0; i < rules.size(); ++i) write_outbound(text, rules[i], i, options);
  text.close();
}

void write_forward(Text& text, std::span<const Rule> rules, const GuardOptions& options) {
  write_directions(text, rules, options);
  open_hook(text, "forward");
  write_tunnel_exits(text, options, true, true);
  text.line(std::string(kTed) + "counter accept comment \"TED travels on\"");
  if (options.interfaces.empty()) {
    text.line("jump leaving");
  } else {
    const std::string outside = interface_set(options.interfaces);
    text.line("iifname " + outside + " jump arriving");
    text.line("iifname != " + outside + " jump leaving");
    text.line("iifname " + outside + " oifname " + outside + " jump leaving");
  }
  text.close();
}

void write_hooks(Text& text, const policy::Snapshot& policy, const GuardOptions& options) {
  const auto rules = policy.rules();
  write_forward(text, rules, options);
  open_hook(text, "output");
  write_tunnel_exits(text, options, true, false);
  write_local_links(text, Direction::kOutbound);
  write_own_traffic(text, options, Direction::kOutbound);
  text.line(std::string(kTed) + "counter accept comment \"TED\"");
  for (std::size_t i = 0; i < rules.size(); ++i) write_outbound(text, rules[i], i, options);
  text.close();
  open_hook(text, "input");
  write_tunnel_exits(text, options, false, true);
  write_local_links(text, Direction::kInbound);
  write_own_traffic(text, options, Direction::kInbound);
  text.line(std::string(kTed) + "counter accept comment \"TED\"");
  for (std::size_t i = 0; i < rules.size(); ++i) write_inbound(text, rules[i], i, options);
  text.close();
}

/// Never called: that these rules exist is what makes the kernel reassemble, before priority -400 of prerouting.
void write_reassembly(Text& text) {
  text.open("chain reassembly");
  text.line("ip protocol 17 ip saddr 255.255.255.255 tproxy ip to :1 comment \"never reached: has IPv4 reassembled\"");
  text.line("meta l4proto 17 ip6 saddr ::1 tproxy ip6 to :1 comment \"never reached: has IPv6 reassembled\"");
  text.close();
}

}  // namespace

std::string guard_ruleset(const policy::Snapshot& policy, const GuardOptions& options) {
  Text text;
  text.line("table " + std::string(kGuardTable));
  text.line("delete table " + std::string(kGuardTable));
  text.open("table " + std::string(kGuardTable));
  text.line("comment \"OpenTED guard; stays when tedd ends; tedctl release removes it\"");
  if (options.reassemble) write_reassembly(text);
  write_catch_chains(text, policy, options);
  write_opening_chains(text, policy, options.catch_group);
  text.open("chain tunnels");
  text.close();
  write_hooks(text, policy, options);
  text.close();
  return std::move(text).take();
}

std::string remove_guard_ruleset() {
  // Made first, so that deleting never fails.
  return "table " + std::string(kGuardTable) + "\ndelete table " + std::string(kGuardTable) + "\n";
}

}  // namespace nft
