// Paths in the file.
#pragma once

#include <string>

namespace config {

/// A path that does not start with '/' starts at the file's own folder, wherever tedd is started.
[[nodiscard]] inline std::string beside(const std::string& file, const std::string& path) {
  const auto slash = file.rfind('/');
  if (path.starts_with('/') || slash == std::string::npos) return path;
  return file.substr(0, slash + 1) + path;
}

}  // namespace config
