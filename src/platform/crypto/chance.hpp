// The engine's two ports: chance for cookies, from OpenSSL, and a keyed hash for the responder's cookies, from
// libsodium, which computes it at once; OpenSSL takes 80 ns of each probe to find out which one is meant.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "engine/ports.hpp"

namespace crypto {

/// Cookies from OpenSSL's generator, fetched by the page: one call costs as much as a hundred cookies. Ends the process
/// with a message when the machine has no entropy: a guessable cookie would let anyone answer.
class SystemRandom final : public engine::Random {
 public:
  [[nodiscard]] std::uint64_t secret() override;
  [[nodiscard]] std::uint64_t jitter(std::uint64_t bound) override;

 private:
  std::array<std::uint64_t, 64> pool_{};
  std::size_t left_ = 0;
  std::uint64_t jitter_state_ = 0;
};

/// SipHash-2-4 under a random key of this process, which is wiped with it.
class ProcessKeyedHash final : public engine::KeyedHash {
 public:
  ProcessKeyedHash();
  ProcessKeyedHash(const ProcessKeyedHash&) = delete;
  ProcessKeyedHash& operator=(const ProcessKeyedHash&) = delete;
  ~ProcessKeyedHash() override;
  [[nodiscard]] std::uint64_t hash(base::ByteView bytes) override;

 private:
  std::array<unsigned char, 16> key_{};
};

}  // namespace crypto
