// strongSwan's format for settings (strongswan.conf(5)): sections in braces, `key = value`, `#` comments, quotes,
// references.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/imported.hpp"

namespace migrate {

struct Setting {
  std::string key;
  std::string value;
  std::uint32_t line = 0;
};

struct Settings {
  std::string name;
  std::uint32_t line = 0;
  std::vector<Setting> values;
  std::vector<Settings> sections;
  std::vector<std::string> bases;  ///< sections that it refers to, whose settings it has where it has none of its own

  /// The last value under that key; null when there is none.
  [[nodiscard]] const Setting* find(std::string_view key) const;
  [[nodiscard]] const Settings* section(std::string_view key) const;
};

/// Sections within sections that are read; no configuration has as many.
inline constexpr std::size_t kMaxDepth = 16;

/// Reads any text; what cannot be read is found. Included files are not: they are found as well.
[[nodiscard]] Settings read_settings(std::string_view text, std::vector<Finding>& findings);

}  // namespace migrate
