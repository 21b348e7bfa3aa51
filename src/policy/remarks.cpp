#include "policy/remarks.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

#include "policy/ports.hpp"
#include "policy/report.hpp"

namespace policy {

namespace {

/// Work of some hundredths of a second: tedd does nothing else meanwhile.
constexpr ReportBounds kQuick{.compared = std::size_t{1} << 24,
                              .visited = std::size_t{1} << 20,
                              .divided = std::size_t{1} << 22,
                              .divided_each = std::size_t{1} << 16};

// Addresses that the rule has on both sides, if traffic between them is the rule's.
std::optional<base::MaskedAddress> inside(const Snapshot& snapshot, RuleIndex index) {
  const Rule& rule = snapshot.rule(index);
  for (const auto& local : rule.local) {
    for (const auto& remote : rule.remote) {
      const auto both = local.intersect(remote);
      if (!both || both->mask() == base::all_ones(both->family())) continue;
      const base::Flow flow{both->address(), both->address(), rule.protocol.value_or(base::Protocol::kTcp),
                            rule.local_port.lo, rule.remote_port.lo};
      const auto match = snapshot.first_match(flow);
      if (match && match->rule == index) return both;
    }
  }
  return std::nullopt;
}

// The first address whose mask is no prefix, and how many prefixes it stands for.
std::optional<std::string> in_pieces(const Rule& rule) {
  for (const auto* side : {&rule.local, &rule.remote}) {
    for (const auto& set : *side) {
      const auto around = set.covering_prefix();
      if (base::MaskedAddress(around) == set) continue;
      const unsigned width = base::width(set.family());
      unsigned open_bits = 0;  // between the first zero of the mask and its last one
      unsigned trailing = 0;
      while ((set.mask() >> trailing & 1) == 0) ++trailing;
      for (unsigned bit = trailing; bit < width - around.length(); ++bit) {
        if ((set.mask() >> bit & 1) == 0) ++open_bits;
      }
      return set.text() + " is no prefix, and 2^" + std::to_string(open_bits) + " prefixes";
    }
  }
  return std::nullopt;
}

std::size_t blocks_of(base::PortRange range) {
  std::size_t count = 0;
  for (std::uint32_t next = range.lo; next <= range.hi; ++count) {
    const auto first = static_cast<std::uint16_t>(next);
    next = std::uint32_t{port_block({first, range.hi}, first).hi} + 1;
  }
  return count;
}

// The first range of ports that kernel ESP takes in pieces only, and what they are.
std::optional<std::string> ports_in_pieces(const Rule& rule) {
  for (const auto range : {rule.local_port, rule.remote_port}) {
    if (range.is_any() || range.is_single()) continue;
    if (rule.protocol && base::is_icmp(*rule.protocol)) {
      return "kernel ESP takes ICMP types and codes one at a time, so each of " + range.text() +
             " gets a tunnel of its own";
    }
    const std::size_t blocks = blocks_of(range);
    if (blocks < 2) continue;
    return "ports " + range.text() + " are no block of 2^n ports at a multiple of 2^n, and with kernel ESP " +
           std::to_string(blocks) + " such blocks instead, each an end of the at most 64 on its side of a tunnel; " +
           "userspace ESP takes the range";
  }
  return std::nullopt;
}

// libipsec reads ports out of TCP and UDP only, and takes every other packet for one of port 0.
bool has_ports_that_libipsec_cannot_see(const Rule& rule) {
  if (rule.local_port.is_any() && rule.remote_port.is_any()) return false;
  return rule.protocol && *rule.protocol != base::Protocol::kTcp && *rule.protocol != base::Protocol::kUdp;
}

}  // namespace

std::vector<Remark> shadow_remarks(const Snapshot& snapshot) {
  std::vector<Remark> all;
  for (const Shadowed& one : shadowed_rules(snapshot, kQuick).found) {
    all.push_back({one.rule, text(snapshot, one)});
  }
  return all;
}

std::vector<Remark> remarks(const Snapshot& snapshot) {
  std::vector<Remark> all;
  for (std::uint32_t i = 0; i < snapshot.rules().size(); ++i) {
    const RuleIndex index{i};
    const Rule& rule = snapshot.rule(index);
    if (rule.action != Action::kProtect) continue;
    if (const auto pieces = in_pieces(rule)) {
      all.push_back({index, "rule '" + rule.name + "': " + *pieces +
                                " instead: a tunnel with kernel ESP carries at most 64 of them, one with userspace ESP "
                                "one, and other flows of the rule get tunnels of their own"});
    }
    if (const auto pieces = ports_in_pieces(rule)) {
      all.push_back({index, "rule '" + rule.name + "': " + *pieces});
    }
    if (has_ports_that_libipsec_cannot_see(rule)) {
      all.push_back(
          {index,
           "rule '" + rule.name +
               "': strongSwan's userspace ESP sees ports of TCP and UDP only, so with it there is no tunnel for " +
               base::text(*rule.protocol) + (base::is_icmp(*rule.protocol) ? " of some types" : " of some ports") +
               ": use the kernel's ESP, or leave them out of the rule"});
    }
    if (rule.draft && rule.respond && rule.protocol) {
      all.push_back({index, "rule '" + rule.name +
                                "' has draft = true and a protocol, which that form cannot say: old peers are asked, "
                                "and their own probes travel on; a rule without protocol answers them"});
    }
    if (const auto both = inside(snapshot, index)) {
      all.push_back({index, "rule '" + rule.name + "' protects traffic from " + both->text() +
                                " to itself, which passes no peer and so is dropped when it crosses this gateway; a "
                                "rule above it with action = \"bypass\", local = [\"" +
                                both->text() + "\"] and remote = [\"" + both->text() + "\"] lets it pass"});
    }
  }
  return all;
}

}  // namespace policy
