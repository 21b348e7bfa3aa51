// Vector files: `[section]` starts a case, `Key = value` lines belong to it, `#` starts a comment line.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"

struct VectorCase {
  std::string section;
  std::vector<std::pair<std::string, std::string>> lines;

  /// The value of the first line with that key; empty when there is none.
  [[nodiscard]] std::string value(std::string_view key) const;
  [[nodiscard]] bool has(std::string_view key) const;
  /// The bytes of the `Buffer` line.
  [[nodiscard]] base::Bytes buffer() const;
};

/// The cases of tests/vectors/`name`; none when it cannot be read.
[[nodiscard]] std::vector<VectorCase> read_vectors(const std::string& name);
