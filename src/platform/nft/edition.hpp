// Which edition of the guard a chain, a set or a map belongs to.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nft {

/// The number of a guard among those that one table has seen: what its chains, sets and maps have in their names
/// (`leaving.7`), so that two guards stand side by side while packets go from one to the other.
enum class Edition : std::uint32_t {};

/// `leaving.7`
[[nodiscard]] inline std::string named(std::string_view name, Edition edition) {
  return std::string(name) + "." + std::to_string(static_cast<std::uint32_t>(edition));
}

/// Nothing for a name that no edition gave.
[[nodiscard]] inline std::optional<Edition> edition_of(std::string_view name) {
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const std::string_view digits = name.substr(dot + 1);
  std::uint32_t number = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size()) return std::nullopt;
  return Edition{number};
}

}  // namespace nft
