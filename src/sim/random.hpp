// The engine's ports from a seed: the same seed gives the same run, to the byte.
#pragma once

#include <cstdint>

#include "engine/ports.hpp"

namespace sim {

/// splitmix64.
class SeededRandom final : public engine::Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}

  [[nodiscard]] std::uint64_t secret() override { return next(); }
  [[nodiscard]] std::uint64_t jitter(std::uint64_t bound) override { return next() % bound; }
  /// True in `parts` of a million cases.
  [[nodiscard]] bool chance(std::uint32_t parts) { return next() % 1'000'000 < parts; }

 private:
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
  }

  std::uint64_t state_;
};

/// FNV-1a over the key and the bytes: distinct enough for a simulation, and no secret.
class SeededHash final : public engine::KeyedHash {
 public:
  explicit SeededHash(std::uint64_t key) : key_(key) {}

  [[nodiscard]] std::uint64_t hash(base::ByteView bytes) override {
    std::uint64_t hash = 0xcbf29ce484222325U ^ key_;
    for (const std::uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001b3U;
    return hash;
  }

 private:
  std::uint64_t key_;
};

}  // namespace sim
