// Numbers as ISAKMP cookies.
#pragma once

#include <cstdint>

#include "wire/message.hpp"

namespace engine {

/// The eight bytes of `value`, most significant first. `value` is not zero: an all-zero cookie means "none".
[[nodiscard]] constexpr wire::Cookie cookie_of(std::uint64_t value) {
  wire::Cookie cookie{};
  for (std::size_t i = 0; i < cookie.size(); ++i) cookie[i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
  return cookie;
}

}  // namespace engine
