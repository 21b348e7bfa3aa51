// Reading a configuration's file.
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "config/config.hpp"

namespace config {

namespace {

/// Of a file: ten times what a million rules take.
constexpr std::size_t kMaxFile = 256 << 20;

// Of a file that cannot be read.
std::string way_out(int error) {
  switch (error) {
    case ENOENT: return "is the path right? tedd reads /etc/opented/tedd.toml unless --config names another";
    case EACCES: return "read it as root, or as a user that may";
    case EISDIR: return "name the file, not its folder";
    default: return "";
  }
}

}  // namespace

base::Result<std::string, std::vector<ConfigError>> read(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string text;
  for (std::array<char, 64 << 10> part; stream && text.size() <= kMaxFile;) {
    stream.read(part.data(), part.size());
    text.append(part.data(), static_cast<std::size_t>(stream.gcount()));
  }
  if (text.size() > kMaxFile) {
    return std::unexpected(std::vector{ConfigError{file, 0, 0, "is larger than 256 MiB", "name a configuration"}});
  }
  if (!stream.eof()) {
    const int error = errno;
    return std::unexpected(
        std::vector{ConfigError{file, 0, 0, "cannot be read: " + std::string(std::strerror(error)), way_out(error)}});
  }
  return text;
}

base::Result<Config, std::vector<ConfigError>> load(const std::string& file) {
  TED_TRY(const std::string text, read(file));
  return parse(text, file);
}

}  // namespace config
