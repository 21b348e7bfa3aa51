// The packet that an ICMP error quotes, in nft's words.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "platform/nft/interval.hpp"
#include "platform/nft/match.hpp"

namespace nft {

/// Where the fields of the quoted packet stand, in bytes behind the start of the ICMP header, whose own length is 8 in
/// both families. `transport` holds where the quoted header has neither options nor extension headers.
struct QuotedHeader {
  std::uint32_t source = 0;
  std::uint32_t destination = 0;
  std::uint32_t address_bytes = 0;
  std::uint32_t protocol = 0;
  std::uint32_t transport = 0;
};
[[nodiscard]] constexpr QuotedHeader quoted_header(base::Family family) {
  return family == base::Family::kV4 ? QuotedHeader{8 + 12, 8 + 16, 4, 8 + 9, 8 + 20}
                                     : QuotedHeader{8 + 8, 8 + 24, 16, 8 + 6, 8 + 40};
}

/// `@th,160,32 `
[[nodiscard]] std::string quoted_field(std::uint32_t offset, std::uint32_t bytes);
/// `0xa010000-0xa01ffff `, or several in braces; at least one.
[[nodiscard]] std::string interval_set(std::span<const Interval> intervals);

/// matches() of Direction::kQuoted. The lines ask for the family of the error, which is that of what it quotes, and
/// take for granted what QuotedHeader says of `transport`.
[[nodiscard]] std::vector<std::string> quoted_matches(const Box& box);

}  // namespace nft
