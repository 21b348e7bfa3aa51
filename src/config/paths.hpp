// Paths in the file that are wrong by themselves.
#pragma once

#include <string_view>

#include "config/section.hpp"

namespace config {

/// Records a mistake when `value`, the path in what `path` says, is not absolute or no socket's path can be as long.
void check_socket_path(Mistakes& mistakes, std::string_view key, const Text& path, std::string_view value);

/// Records a mistake when the text names no file.
void check_file_path(Mistakes& mistakes, std::string_view key, const Text& path, std::string_view example);

}  // namespace config
