// Bytes that nobody may find in memory afterwards.
#pragma once

#include <utility>

#include "base/bytes.hpp"

namespace pki {

/// Overwritten when they are destroyed or given away. What fills it reserves first: a vector that grows leaves copies.
class Secret {
 public:
  Secret() = default;
  explicit Secret(base::Bytes bytes) : bytes_(std::move(bytes)) {}
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  Secret(Secret&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  Secret& operator=(Secret&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~Secret();

  [[nodiscard]] base::ByteView view() const { return bytes_; }

 private:
  base::Bytes bytes_;
};

}  // namespace pki
