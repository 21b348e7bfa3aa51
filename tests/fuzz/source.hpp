// Choices out of a fuzzer's bytes: every byte string is some.
#pragma once

#include <cstdint>
#include <span>

namespace fuzz {

/// What is missing is zero.
class Source {
 public:
  explicit Source(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  [[nodiscard]] bool empty() const { return bytes_.empty(); }
  /// Less than `end`, of the next byte.
  unsigned below(unsigned end) {
    if (bytes_.empty()) return 0;
    const unsigned value = bytes_.front() % end;
    bytes_ = bytes_.subspan(1);
    return value;
  }

 private:
  std::span<const std::uint8_t> bytes_;
};

}  // namespace fuzz
