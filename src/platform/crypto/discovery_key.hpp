// The shared key of discovery: keyed hashes over datagrams (docs/protocol.md section 12).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/bytes.hpp"

namespace crypto {

/// HMAC-SHA-256 (RFC 2104) under a key that is wiped with this object. Ends the process with a message when OpenSSL
/// cannot compute it.
class DiscoveryKey {
 public:
  using Hash = std::array<std::uint8_t, 32>;

  explicit DiscoveryKey(std::string_view key);
  ~DiscoveryKey();
  DiscoveryKey(DiscoveryKey&&) noexcept;
  DiscoveryKey& operator=(DiscoveryKey&&) noexcept;

  /// Of a label of discovery's own, so that no other use of the key can be made to compute it, and the bytes.
  [[nodiscard]] Hash hash(base::ByteView covered) const;
  /// True when `hash` is that of the bytes; takes as long wherever they differ.
  [[nodiscard]] bool holds(base::ByteView covered, base::ByteView hash) const;

 private:
  struct Keyed;
  std::unique_ptr<Keyed> keyed_;
};

}  // namespace crypto
