#include "config/interface_name.hpp"

#include <algorithm>
#include <cstddef>

namespace config {

namespace {

// IFNAMSIZ is 16 with the zero at the end.
constexpr std::size_t kMaxInterfaceName = 15;

}  // namespace

bool is_interface_name(std::string_view name) {
  const auto allowed = [](char c) { return c > ' ' && c < 127 && c != '/' && c != ':' && c != '*'; };
  return !name.empty() && name.size() <= kMaxInterfaceName && std::ranges::all_of(name, allowed) && name != "." &&
         name != "..";
}

bool is_interface_pattern(std::string_view name) {
  return is_interface_name(name) || (name.ends_with('*') && name.size() <= kMaxInterfaceName &&
                                     is_interface_name(name.substr(0, name.size() - 1)));
}

}  // namespace config
