#include "config/line_count.hpp"

#include <algorithm>

namespace config {

namespace {

std::size_t count(const std::vector<base::MaskedAddress>& list, base::Family family) {
  return static_cast<std::size_t>(std::ranges::count(list, family, &base::MaskedAddress::family));
}

}  // namespace

std::size_t line_count(const policy::Rule& rule) {
  std::size_t lines = 0;
  for (const auto family : {base::Family::kV4, base::Family::kV6}) {
    lines += count(rule.local, family) * count(rule.remote, family);
  }
  return lines;
}

}  // namespace config
