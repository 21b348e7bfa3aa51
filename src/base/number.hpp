// Decimal numbers in text.
#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string_view>

namespace base {

/// The whole of `text` as a decimal number of at most `max`: digits only, no sign, no space.
template <std::unsigned_integral T>
[[nodiscard]] std::optional<T> parse_number(std::string_view text, T max) {
  T value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc{} || stop != end || value > max) return std::nullopt;
  return value;
}

}  // namespace base
