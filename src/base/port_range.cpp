#include "base/port_range.hpp"

#include "base/number.hpp"

namespace base {

Result<PortRange, TextError> PortRange::parse(std::string_view text) {
  if (text == "any") return any();
  const auto dash = text.find('-');
  const auto lo = parse_number<std::uint16_t>(text.substr(0, dash), 65535);
  const auto hi = dash == std::string_view::npos ? lo : parse_number<std::uint16_t>(text.substr(dash + 1), 65535);
  if (!lo || !hi) {
    return std::unexpected(TextError{"'" + std::string(text) + "' is not a port",
                                     "write a number from 0 to 65535, a range such as \"1000-2000\", or \"any\""});
  }
  if (*lo > *hi) {
    return std::unexpected(TextError{"the range '" + std::string(text) + "' is reversed",
                                     "write \"" + std::to_string(*hi) + "-" + std::to_string(*lo) + "\""});
  }
  return PortRange{*lo, *hi};
}

std::string PortRange::text() const {
  if (is_any()) return "any";
  if (is_single()) return std::to_string(lo);
  return std::to_string(lo) + "-" + std::to_string(hi);
}

}  // namespace base
