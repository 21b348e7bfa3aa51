// Bytes that nobody may find in memory afterwards.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.hpp"

namespace base {

/// Overwrites what is in them, and leaves them empty. What has moved elsewhere as they grew is out of reach: what fills
/// them reserves first.
void wipe(Bytes& bytes);
void wipe(std::string& text);

/// Overwritten when they are destroyed or given away.
class Secret {
 public:
  Secret() = default;
  explicit Secret(Bytes bytes) : bytes_(std::move(bytes)) {}
  /// A copy, which is one too many of what is to be found once only.
  explicit Secret(std::string_view text) : bytes_(text.begin(), text.end()) {}
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  Secret(Secret&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  Secret& operator=(Secret&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~Secret() { wipe(bytes_); }

  [[nodiscard]] ByteView view() const { return bytes_; }
  [[nodiscard]] std::string_view text() const { return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()}; }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }

  /// Takes longer the more of it is right: for what nobody else is asked.
  bool operator==(std::string_view other) const { return text() == other; }

 private:
  Bytes bytes_;
};

}  // namespace base
