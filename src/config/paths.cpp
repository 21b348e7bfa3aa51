#include "config/paths.hpp"

#include <string>

namespace config {

namespace {

// sockaddr_un::sun_path holds 108 bytes with the zero at the end.
constexpr std::size_t kMaxSocketPath = 107;

bool check_path(Mistakes& mistakes, std::string_view key, const Text& path, std::string_view value) {
  if (value.starts_with('/') && value.find('\0') == std::string_view::npos) return true;
  mistakes.add(path.at, "'" + std::string(key) + "' must be an absolute path, not '" + path.value + "'",
               "a path that starts with '/' means the same wherever tedd is started");
  return false;
}

}  // namespace

void check_socket_path(Mistakes& mistakes, std::string_view key, const Text& path, std::string_view value) {
  if (!check_path(mistakes, key, path, value) || value.size() <= kMaxSocketPath) return;
  mistakes.add(path.at, "'" + std::string(key) + "' is a path of " + std::to_string(value.size()) + " bytes",
               "a socket's path has at most " + std::to_string(kMaxSocketPath) + " bytes");
}

void check_file_path(Mistakes& mistakes, std::string_view key, const Text& path, std::string_view example) {
  if (!path.value.empty() && path.value.find('\0') == std::string::npos) return;
  mistakes.add(path.at, "'" + std::string(key) + "' names no file",
               "write " + std::string(key) + " = " + std::string(example));
}

}  // namespace config
