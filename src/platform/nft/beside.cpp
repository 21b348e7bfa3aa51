#include "platform/nft/beside.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "base/prefix.hpp"
#include "platform/nft/guard.hpp"
#include "platform/nft/match.hpp"
#include "platform/nft/rule_message.hpp"
#include "platform/nft/ted_match.hpp"

namespace nft {
namespace {

using base::Family;
using base::Prefix;

std::string set_of(Family family) {
  return family == Family::kV4 ? "behind4" : "behind6";
}

/// In order, and none inside another, as a set of intervals wants them.
std::vector<Prefix> behind(std::span<const base::Selector> selectors, Family family) {
  std::vector<Prefix> all;
  for (const base::Selector& selector : selectors) {
    if (selector.remote.family() == family) all.push_back(selector.remote.covering_prefix());
  }
  std::ranges::sort(all);  // of two with one network the wider one first
  std::vector<Prefix> widest;
  for (const Prefix& prefix : all) {
    if (widest.empty() || !widest.back().covers(prefix)) widest.push_back(prefix);
  }
  return widest;
}

void write_entry(Text& text, std::string_view entry, std::string_view next) {
  text.open_chain(entry);
  if (entry == "reroute")
    text.line("meta mark " + hexadecimal(kOwnMark) + " accept comment \"has a route of its own\"");
  write_beside_end(text);  // as others may have saved it with a connection, from before its tunnel came up
  text.line("ip daddr @" + text.name("behind4") + " goto " + text.name(next));
  text.line("ip6 daddr @" + text.name("behind6") + " goto " + text.name(next));
  text.close();
}

}  // namespace

void write_beside(Text& text, std::span<const base::Address> gateway_addresses) {
  text.line("set " + text.name("behind4") + " { type ipv4_addr; flags interval; }");
  text.line("set " + text.name("behind6") + " { type ipv6_addr; flags interval; }");
  text.open_chain("beside");
  text.line("jump " + text.name("tunnels"));
  text.line("meta mark set meta mark | " + hexadecimal(kBesideMark) +
            " counter comment \"to a network behind a tunnel, and not into it\"");
  text.close();
  text.open_chain("own_beside");
  text.line("meta mark 0 goto " + text.name("beside"));
  for (const auto& match : address_matches("saddr", hosts(gateway_addresses))) {
    text.line(match + "udp sport { 500, 4500 } return comment \"our IKE\"");
    text.line(match + "meta l4proto { 50, 51 } return comment \"our ESP and AH\"");
  }
  text.line(ted_match(kAnyTed) + "return comment \"TED\"");
  text.line("goto " + text.name("beside"));
  text.close();
  write_entry(text, "prerouting", "beside");
  write_entry(text, "reroute", "own_beside");
}

void write_beside_end(Text& text) {
  text.line("meta mark & " + hexadecimal(kBesideMark) + " != 0 meta mark set meta mark & " + hexadecimal(~kBesideMark));
}

Batch behind_update(std::span<const base::Selector> standing, std::span<const base::Selector> wanted, Edition edition) {
  Batch batch;
  for (const Family family : {Family::kV4, Family::kV6}) {
    const auto before = behind(standing, family);
    const auto after = behind(wanted, family);
    const std::string set = named(set_of(family), edition);
    // What goes may make room for what lies inside it: then all of it is said anew.
    const bool anew = !std::ranges::includes(after, before);
    if (anew) empty_set(batch, set);
    std::vector<Interval> added;
    for (const Prefix& prefix : after) {
      if (anew || !std::ranges::binary_search(before, prefix)) added.push_back(interval_of(prefix));
    }
    add_intervals(batch, set, base::octets(family), added);
  }
  return batch;
}

}  // namespace nft
