// What the guard does with ICMP errors that leave in the clear: they are judged by the packet that they quote.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platform/nft/ruleset_text.hpp"
#include "policy/rule.hpp"

namespace nft {

/// Errors quote what they are about, behind 8 bytes: unreachable (4: too big), quench, redirect, time exceeded,
/// parameter problem, those of IP conversion and of Photuris. With ICMPv6 all types below 128 are errors, also those
/// that nobody has thought of yet (RFC 4443, 2.1); a redirect quotes elsewhere, and is not read.
inline constexpr std::array<std::string_view, 2> kIcmpErrors{"icmp type { 3, 4, 5, 11, 12, 31, 40 } ",
                                                             "icmpv6 type { 0-127, 137 } "};

/// Protocols between ICMP and ICMPv6, TCP, UDP and ESP among them: for one comparison, where a list costs a look-up.
inline constexpr std::string_view kBetweenIcmp = "meta l4proto 2-57 ";

/// Matches for errors that quote, readably, addresses between which no rule blocks or protects, in either family.
[[nodiscard]] std::vector<std::string> quoted_of_no_rule(std::span<const policy::Rule> rules);

/// The chain `quoted`, to which all of them go. What it can read to the ports goes on to `quoted_exactly`. What it
/// cannot (options, extension headers, a fragment behind the first, less than 8 bytes of transport header) is judged by
/// its addresses, without regard to order and exemptions: it is dropped, unless no rule that blocks or protects has
/// such a source or such a destination. That is asked of two sets of at most 256 intervals each; where a policy has
/// more, the nearest are joined with what lies between, so that more is dropped.
void write_quoted(Text& text, std::span<const policy::Rule> rules);

/// The chain `quoted_exactly`, a line for each line of policy: first match, as in `arriving`.
void write_quoted_exactly(Text& text, std::span<const policy::Rule> rules);

}  // namespace nft
