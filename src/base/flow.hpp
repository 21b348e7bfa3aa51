// A flow: the five values that the seed's packet P is known by.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/address.hpp"
#include "base/protocol.hpp"

namespace base {

/// Source and destination are of one family. Ports are zero where the protocol has none; for ICMP they are type
/// (source) and code (destination), as in the kernel.
struct Flow {
  Address source;
  Address destination;
  Protocol protocol = Protocol::kTcp;
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;

  /// The same flow seen from the other end: addresses and ports swapped; ICMP type and code stay.
  [[nodiscard]] Flow mirrored() const;

  /// `PROTO SRC[:PORT] > DST[:PORT]`; IPv6 in brackets when it has a port. A protocol that has ports needs both, ICMP
  /// its type and code; ports on one that has none are an error, and so are addresses of two families.
  [[nodiscard]] static Result<Flow, TextError> parse(std::string_view text);
  /// The same form; ports where the protocol has them, and type and code for ICMP.
  [[nodiscard]] std::string text() const;

  bool operator==(const Flow&) const = default;
};

}  // namespace base
