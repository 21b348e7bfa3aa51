// The names that IOS has for numbers in access lists ("Security Command Reference", access-list (IP extended)).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/protocol.hpp"

namespace migrate {

/// A protocol: a name or a number. `ip` is none of them: it is all.
[[nodiscard]] std::optional<base::Protocol> ios_protocol(std::string_view word);
/// A port: a name or a number. One name stands for different ports with TCP and UDP (512 to 514).
[[nodiscard]] std::optional<std::uint16_t> ios_port(std::string_view word, base::Protocol protocol);
/// An ICMP message; a name may stand for a type alone.
struct IosIcmp {
  std::uint16_t type = 0;
  bool has_code = false;
  std::uint16_t code = 0;
};
[[nodiscard]] std::optional<IosIcmp> ios_icmp(std::string_view word);

}  // namespace migrate
