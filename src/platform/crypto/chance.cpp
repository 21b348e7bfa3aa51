#include "platform/crypto/chance.hpp"

#include <cstdio>
#include <cstdlib>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

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

struct ProcessKeyedHash::Context {
  EVP_MAC* mac = EVP_MAC_fetch(nullptr, "SIPHASH", nullptr);
  EVP_MAC_CTX* state = mac == nullptr ? nullptr : EVP_MAC_CTX_new(mac);
  std::array<unsigned char, 16> key{};

  Context() {
    fill(key.data(), key.size());
    std::size_t size = sizeof(std::uint64_t);
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
                                     OSSL_PARAM_construct_end()};
    if (state == nullptr || EVP_MAC_CTX_set_params(state, parameters) != 1) give_up("compute SipHash");
  }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() {
    OPENSSL_cleanse(key.data(), key.size());
    EVP_MAC_CTX_free(state);
    EVP_MAC_free(mac);
  }
};

ProcessKeyedHash::ProcessKeyedHash() : context_(std::make_unique<Context>()) {}

ProcessKeyedHash::~ProcessKeyedHash() = default;

std::uint64_t ProcessKeyedHash::hash(base::ByteView bytes) {
  std::array<unsigned char, sizeof(std::uint64_t)> digest{};
  std::size_t length = 0;
  if (EVP_MAC_init(context_->state, context_->key.data(), context_->key.size(), nullptr) != 1 ||
      EVP_MAC_update(context_->state, bytes.data(), bytes.size()) != 1 ||
      EVP_MAC_final(context_->state, digest.data(), &length, digest.size()) != 1 || length != digest.size()) {
    give_up("compute SipHash");
  }
  return static_cast<std::uint64_t>(base::Reader(digest).number(8));
}

}  // namespace crypto
