// A box of traffic in nft's words.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/masked_address.hpp"
#include "base/port_range.hpp"
#include "base/protocol.hpp"
#include "base/selector.hpp"
#include "base/uint128.hpp"
#include "policy/rule.hpp"

namespace nft {

/// Outbound: the packet's source is the local side. Inbound: its destination is. Quoted: not the packet is looked at
/// but the one that it quotes, an ICMP error, and of that one the destination is the local side, as the error goes back
/// to the source. For ICMP, type and code stay.
enum class Direction : std::uint8_t { kOutbound, kInbound, kQuoted };

/// What a rule or a selector covers: every pair of a local and a remote entry of one family.
struct Box {
  std::span<const base::MaskedAddress> local;
  std::span<const base::MaskedAddress> remote;
  std::optional<base::Protocol> protocol;
  base::PortRange local_port;
  base::PortRange remote_port;
};

/// Views into `rule`, or into `selector`, which must outlive the box.
[[nodiscard]] Box box_of(const policy::Rule& rule);
[[nodiscard]] Box box_of(const base::Selector& selector);

/// The match parts of nft rules that together match the box and nothing else, to the letter: masks of any shape,
/// protocol, ports. Entries whose mask is a prefix share one nft rule as anonymous sets; every entry with another mask
/// has one of its own. Empty when the box holds no packet (no pair of one family, an ICMP type above 255). A packet
/// without its transport header (a fragment behind the first) matches no line that names ports.
[[nodiscard]] std::vector<std::string> matches(const Box& box, Direction direction);

/// What matches() says of addresses and protocol, without the ports, for fragments behind the first, which carry none.
/// Empty when the box names no ports: matches() covers fragments then.
[[nodiscard]] std::vector<std::string> fragment_matches(const Box& box, Direction direction);

/// Match parts for `side` ("saddr" or "daddr") being in one of `addresses`, in the manner of matches().
[[nodiscard]] std::vector<std::string> address_matches(std::string_view side,
                                                       std::span<const base::MaskedAddress> addresses);

/// Each address as the set of itself.
[[nodiscard]] std::vector<base::MaskedAddress> hosts(std::span<const base::Address> addresses);

/// `text` as a quoted nft string: what is not a letter, a digit or one of "._:,@> /[]-" becomes '?', and at most 100
/// characters are kept (the kernel's bound for comments is 128). nft has no escape character inside quotes.
[[nodiscard]] std::string quote(std::string_view text);

/// `0x80000000`
[[nodiscard]] std::string hexadecimal(base::Uint128 value);

/// `{ "wan0", "wan1" }` for iifname and oifname. A name with a character that quote() replaces matches no interface.
[[nodiscard]] std::string interface_set(std::span<const std::string> names);

}  // namespace nft
