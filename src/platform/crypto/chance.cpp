#include "platform/crypto/chance.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <sodium/crypto_shorthash.h>
#include <tuple>

#include "base/bytes.hpp"

namespace crypto {

namespace {

[[noreturn]] void give_up(const char* what) {
  std::fprintf(stderr, "tedd: OpenSSL cannot %s; no cookie would be safe, so the daemon ends here\n", what);
  std::exit(1);
}

void fill(void* bytes, std::size_t length) {
  if (RAND_bytes(static_cast<unsigned char*>(bytes), static_cast<int>(length)) != 1) give_up("give random bytes");
}

}  // namespace

std::uint64_t SystemRandom::secret() {
  if (left_ == 0) {
    fill(pool_.data(), sizeof pool_);
    left_ = pool_.size();
  }
  const std::uint64_t value = pool_[--left_];
  pool_[left_] = 0;
  return value;
}

// splitmix64: timers need spreading, not secrecy.
std::uint64_t SystemRandom::jitter(std::uint64_t bound) {
  if (jitter_state_ == 0) jitter_state_ = secret() | 1;
  std::uint64_t z = jitter_state_ += 0x9e3779b97f4a7c15U;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return (z ^ (z >> 31)) % bound;
}

ProcessKeyedHash::ProcessKeyedHash() {
  fill(key_.data(), key_.size());
}

ProcessKeyedHash::~ProcessKeyedHash() {
  OPENSSL_cleanse(key_.data(), key_.size());
}

std::uint64_t ProcessKeyedHash::hash(base::ByteView bytes) {
  static_assert(crypto_shorthash_KEYBYTES == std::tuple_size_v<decltype(key_)>);
  std::array<unsigned char, crypto_shorthash_BYTES> digest;
  crypto_shorthash(digest.data(), bytes.data(), bytes.size(), key_.data());
  return static_cast<std::uint64_t>(base::Reader(digest).number(8));
}

}  // namespace crypto
