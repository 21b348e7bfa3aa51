#include "platform/crypto/discovery_key.hpp"

#include <cstdio>
#include <cstdlib>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <string>

namespace crypto {

namespace {

constexpr std::string_view kLabel{"OpenTED discovery, keyed hash\0", 30};

[[noreturn]] void give_up() {
  std::fputs("tedd: OpenSSL cannot compute HMAC-SHA-256; no discovery would be authentic, so the daemon ends here\n",
             stderr);
  std::exit(1);
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

/// HMAC with key and label taken in: each hash starts from a copy.
struct DiscoveryKey::Keyed {
  EVP_MAC* mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  EVP_MAC_CTX* begun = mac == nullptr ? nullptr : EVP_MAC_CTX_new(mac);

  explicit Keyed(std::string_view key) {
    std::string digest = "SHA256";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
                                     OSSL_PARAM_construct_end()};
    if (begun == nullptr || EVP_MAC_init(begun, bytes_of(key), key.size(), parameters) != 1 ||
        EVP_MAC_update(begun, bytes_of(kLabel), kLabel.size()) != 1) {
      give_up();
    }
  }
  Keyed(const Keyed&) = delete;
  Keyed& operator=(const Keyed&) = delete;
  ~Keyed() {
    EVP_MAC_CTX_free(begun);  // OpenSSL wipes the key in it
    EVP_MAC_free(mac);
  }
};

DiscoveryKey::DiscoveryKey(std::string_view key) : keyed_(std::make_unique<Keyed>(key)) {}
DiscoveryKey::~DiscoveryKey() = default;
DiscoveryKey::DiscoveryKey(DiscoveryKey&&) noexcept = default;
DiscoveryKey& DiscoveryKey::operator=(DiscoveryKey&&) noexcept = default;

DiscoveryKey::Hash DiscoveryKey::hash(base::ByteView covered) const {
  EVP_MAC_CTX* state = EVP_MAC_CTX_dup(keyed_->begun);
  Hash hash{};
  std::size_t length = 0;
  const bool done = state != nullptr && EVP_MAC_update(state, covered.data(), covered.size()) == 1 &&
                    EVP_MAC_final(state, hash.data(), &length, hash.size()) == 1 && length == hash.size();
  EVP_MAC_CTX_free(state);
  if (!done) give_up();
  return hash;
}

bool DiscoveryKey::holds(base::ByteView covered, base::ByteView hash) const {
  const Hash own = this->hash(covered);
  return hash.size() == own.size() && CRYPTO_memcmp(own.data(), hash.data(), own.size()) == 0;
}

}  // namespace crypto
