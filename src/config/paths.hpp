// Paths in the file.
#pragma once

#include <string>
#include <string_view>

#include "config/section.hpp"

namespace config {

/// A path that does not start with '/' starts at the file's own folder, wherever tedd is started.
[[nodiscard]] std::string beside(const std::string& file, const std::string& path);

/// Records a mistake when `value`, the path in what `path` says, is not absolute or no socket's path can be as long.
void check_socket_path(Mistakes& mistakes, std::string_view key, const Text& path, std::string_view value);

/// Records a mistake when the text names no file.
void check_file_path(Mistakes& mistakes, std::string_view key, const Text& path, std::string_view example);

}  // namespace config
