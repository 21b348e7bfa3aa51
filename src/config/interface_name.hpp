// What can be the name of an interface.
#pragma once

#include <string_view>

namespace config {

/// What rules may say: a name, or the beginning of some and a `*`.
[[nodiscard]] bool is_interface_pattern(std::string_view name);

/// 1 to 15 printable ASCII characters without spaces, '/', ':' and '*'; not "." or "..", which the kernel refuses.
[[nodiscard]] bool is_interface_name(std::string_view name);

inline constexpr std::string_view kInterfaceNameHint = "a name has 1 to 15 characters without spaces, '/', ':' and '*'";

}  // namespace config
