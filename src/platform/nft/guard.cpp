#include "platform/nft/guard.hpp"

#include <algorithm>
#include <linux/netfilter.h>

#include "platform/nft/beside.hpp"
#include "platform/nft/caught.hpp"
#include "platform/nft/drops.hpp"
#include "platform/nft/dynamic.hpp"
#include "platform/nft/match.hpp"
#include "platform/nft/quoted.hpp"
#include "platform/nft/reassembly.hpp"
#include "platform/nft/ruleset_text.hpp"
#include "platform/nft/ted_match.hpp"

namespace nft {
namespace {

using policy::Rule;

// ---- the policy's rules

void write_fragments(Text& text, const Rule& rule, Direction direction, const GuardOptions& options) {
  if (options.reassemble || rule.action == policy::Action::kBypass) return;
  text.rules(fragment_matches(box_of(rule), direction), counted(Drop::kFragment),
             rule.name + ": fragment without ports");
}

void write_outbound(Text& text, const Rule& rule, std::size_t index, const GuardOptions& options) {
  const auto lines = matches(box_of(rule), Direction::kOutbound);
  if (rule.action == policy::Action::kBypass) {
    text.rules(lines, "counter accept", rule.name + ": bypass");
  } else if (rule.action == policy::Action::kBlock) {
    text.rules(lines, counted(Drop::kBlocked), rule.name + ": block");
  } else if (may_open(rule)) {
    text.rules(lines, "counter goto " + text.name("open_" + std::to_string(index) + "_to"),
               rule.name + ": protect, no tunnel");
  } else if (rule.discover) {
    text.rules(lines, "counter goto " + text.name(catch_chain(rule)), rule.name + ": protect, no tunnel");
  } else {
    text.rules(lines, counted(Drop::kBlocked), rule.name + ": protect, no tunnel, discovery off");
  }
  write_fragments(text, rule, Direction::kOutbound, options);
}

void write_inbound(Text& text, const Rule& rule, std::size_t index, const GuardOptions& options) {
  const auto lines = matches(box_of(rule), Direction::kInbound);
  if (rule.action == policy::Action::kBypass) {
    text.rules(lines, "counter accept", rule.name + ": bypass, inbound");
  } else if (rule.action == policy::Action::kBlock) {
    text.rules(lines, counted(Drop::kRefused), rule.name + ": block, inbound");
  } else if (may_open(rule)) {
    text.rules(lines, "counter goto " + text.name("open_" + std::to_string(index) + "_from"),
               rule.name + ": protect, inbound");
  } else {
    text.rules(lines, counted(Drop::kRefused), rule.name + ": protect, came in the clear");
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

// Network address translation looks the IPsec policy up again for the address that it wrote, and what finds none then
// would leave in the clear: so what is let pass here for its tunnel is marked, and `postrouting` looks once more.
void write_tunnel_entries(Text& text, const GuardOptions& options) {
  const std::string bit = hexadecimal(kTunnelMark);
  text.line("rt ipsec exists meta mark set meta mark | " + bit + " counter accept comment \"leaves through a tunnel\"");
  if (!options.tunnel_interface.empty())
    text.line("oifname " + quote(options.tunnel_interface) + " jump " + text.name("tunnels"));
}

/// What charon or the kernel decrypted was checked against its tunnel's selectors. `where` says which of it passes.
void write_tunnel_exits(Text& text, const GuardOptions& options, const std::string& where = {}) {
  const std::string verdict = "counter accept comment \"came out of a tunnel\"";
  text.line(where + "meta ipsec exists " + verdict);
  if (!options.tunnel_interface.empty())
    text.line(where + "iifname " + quote(options.tunnel_interface) + " " + verdict);
}

// What an ICMP error quotes is judged here, behind all that its own flow meets, and as the wire will have it.
void write_postrouting(Text& text, const GuardOptions& options) {
  const std::string marked = "meta mark & " + hexadecimal(kTunnelMark) + " != 0 ";
  text.open_chain("postrouting");
  // Most of what leaves, and none of what the lines behind this one are for.
  text.line("meta mark & " + hexadecimal(kTunnelMark | kBesideMark) + " == 0 " + std::string(kBetweenIcmp) + "accept");
  if (!options.tunnel_interface.empty()) write_beside_end(text);
  text.line(marked + "rt ipsec missing " + counted(Drop::kTranslated) +
            " comment \"lost its tunnel to address translation\"");
  text.line(marked + "meta mark set meta mark & " + hexadecimal(~kTunnelMark));
  const std::string clear = "rt ipsec missing oifname " +
                            (options.interfaces.empty() ? "!= \"lo\"" : interface_set(options.interfaces)) + " ";
  for (const std::string_view error : kIcmpErrors)
    text.line(clear + std::string(error) + "jump " + text.name("quoted"));
  text.close();
}

// What arrives from outside is judged by the inbound lines, what leaves by the outbound ones: a bypass line mirrored
// must not let out what a later line protects. What comes from outside and goes outside again is judged by both, each
// in a hook of its own, since what one accepts the other still sees.
void write_directions(Text& text, std::span<const Rule> rules, const GuardOptions& options) {
  text.open_chain("arriving");
  for (std::size_t i = 0; i < rules.size(); ++i) write_inbound(text, rules[i], i, options);
  text.close();
  text.open_chain("leaving");
  for (std::size_t i = 0; i < rules.size(); ++i) write_outbound(text, rules[i], i, options);
  text.close();
  write_quoted_exactly(text, rules);
}

// What came out of a tunnel and would go outside in the clear is judged by both as well, as what the tunnel protected
// must not be told to the outside, whatever a route says.
void write_passing(Text& text, const GuardOptions& options, const std::string& outside) {
  write_tunnel_entries(text, options);
  write_tunnel_exits(text, options, options.interfaces.empty() ? std::string{} : "oifname != " + outside + " ");
  text.line(ted_match(kAnyTed) + "counter accept comment \"TED travels on\"");
}

void write_arrival(Text& text, const GuardOptions& options, const std::string& outside) {
  std::vector<std::string> judged = options.interfaces;
  if (!options.tunnel_interface.empty()) judged.push_back(options.tunnel_interface);
  text.open_chain("arrival");
  text.line("iifname != " + interface_set(judged) + " accept");
  write_passing(text, options, outside);
  text.line("jump " + text.name("arriving"));
  text.close();
}

void write_forward(Text& text, const GuardOptions& options) {
  const std::string outside = interface_set(options.interfaces);
  if (!options.interfaces.empty()) write_arrival(text, options, outside);
  text.open_chain("forward");
  if (!options.tunnel_interface.empty()) write_beside_end(text);
  write_passing(text, options, outside);
  // One way to it: the kernel follows each when it looks for loops, with all that lies behind.
  if (!options.interfaces.empty()) text.line("iifname " + outside + " oifname != " + outside + " accept");
  text.line("jump " + text.name("leaving"));
  text.close();
}

// What was held was forwarded, most often: nothing that lets this machine's own traffic pass is meant for it, but for
// the ESP that carries it, which the kernel gives the same mark.
void write_released(Text& text) {
  text.line("meta mark { " + std::to_string(kReleaseMark) + ", " + std::to_string(kReleasedMark) + " } " +
            counted(Drop::kReleased) + " comment \"released, and no tunnel carries it\"");
}

void write_hooks(Text& text, const policy::Snapshot& policy, const GuardOptions& options) {
  write_forward(text, options);
  text.open_chain("output");
  text.line(own_ted_match() + "counter accept comment \"what tedd sends\"");
  if (!options.tunnel_interface.empty()) write_beside_end(text);
  write_tunnel_entries(text, options);
  write_own_traffic(text, options, Direction::kOutbound);
  if (std::ranges::any_of(policy.rules(), holds)) write_released(text);
  write_local_links(text, Direction::kOutbound);
  text.line(ted_match(kAnyTed) + "counter accept comment \"TED\"");
  text.line("jump " + text.name("leaving"));
  text.close();
  text.open_chain("input");
  if (!options.tunnel_interface.empty()) write_beside_end(text);
  write_tunnel_exits(text, options);
  write_local_links(text, Direction::kInbound);
  write_own_traffic(text, options, Direction::kInbound);
  text.line(ted_match(kAnyTed) + "counter accept comment \"TED\"");
  text.line("jump " + text.name("arriving"));
  text.close();
  write_postrouting(text, options);
}

// add_plan() puts the plan between them.
void write_around_plan(Text& text) {
  const auto end = [&](std::string_view chain, Drop drop, const std::string& comment) {
    text.open_chain(chain);
    text.line(counted(drop) + " comment " + quote(comment));
    text.close();
  };
  end("blocked", Drop::kBlocked, "blocked, or protected without discovery");
  end("refused", Drop::kRefused, "blocked, or protected and came in the clear");
  end("missed", Drop::kMissed, "a map did not hold what it holds");
  end("told", Drop::kQuoted, "an ICMP error that quotes what is blocked or protected");
  for (const std::string_view entry : {"arriving", "leaving", "quoted_exactly"}) {
    text.open_chain(entry);
    text.close();
  }
}

/// Never called.
void write_reassembly(Text& text) {
  text.open_chain("reassembly");
  for (const std::string_view rule : kReassemblyRules) text.line(std::string(rule));
  text.close();
}

}  // namespace

std::vector<Hook> hooks(const GuardOptions& options) {
  std::vector<Hook> list{{"forward", NF_INET_FORWARD, kGuardPriority},
                         {"output", NF_INET_LOCAL_OUT, kGuardPriority},
                         {"input", NF_INET_LOCAL_IN, kGuardPriority},
                         {"postrouting", NF_INET_POST_ROUTING, kGuardPriority}};
  if (!options.interfaces.empty()) list.push_back({"arrival", NF_INET_FORWARD, kGuardPriority - 1});
  if (!options.tunnel_interface.empty()) {
    list.push_back({"prerouting", NF_INET_PRE_ROUTING, kGuardPriority});
    list.push_back({"reroute", NF_INET_LOCAL_OUT, kGuardPriority - 2, "route"});
  }
  return list;
}

std::string guard_ruleset(const policy::Snapshot& policy, const GuardOptions& options, Edition edition, Form form) {
  Text text(edition);
  text.open("table " + std::string(kGuardTable));
  text.line("comment \"OpenTED guard; stays when tedd ends; tedctl release removes it\"");
  for (const std::string& counter : drop_counters()) text.line(counter);
  if (options.reassemble) write_reassembly(text);
  write_catch_chains(text, policy, options);
  write_opening_chains(text, policy, options.catch_group);
  text.open_chain("tunnels");
  text.close();
  if (!options.tunnel_interface.empty()) write_beside(text, options.gateway_addresses);
  if (form == Form::kPlan && options.reassemble) {
    write_around_plan(text);
  } else {
    write_directions(text, policy.rules(), options);
  }
  write_quoted(text, policy.rules());
  write_hooks(text, policy, options);
  text.close();
  return std::move(text).take();
}

std::string remove_guard_ruleset() {
  // Made first, so that deleting never fails.
  return "table " + std::string(kGuardTable) + "\ndelete table " + std::string(kGuardTable) + "\n";
}

}  // namespace nft
