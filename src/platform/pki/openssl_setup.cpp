#include "platform/pki/openssl_setup.hpp"

#include <array>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>

namespace pki {

// A configuration that cannot be read is no reason to end: what it would have changed is not changed, as elsewhere.
void read_openssl_files() {
  OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG | OPENSSL_INIT_LOAD_CRYPTO_STRINGS | OPENSSL_INIT_NO_ATEXIT, nullptr);
  std::array<unsigned char, 1> some{};
  RAND_bytes(some.data(), static_cast<int>(some.size()));
  ERR_clear_error();
}

void keep_keys_in_memory() {
  constexpr std::size_t all = 32 << 10;  // what RLIMIT_MEMLOCK allows anybody; a key takes a few hundred bytes
  constexpr std::size_t least = 32;
  static_cast<void>(CRYPTO_secure_malloc_init(all, least));  // without it they are where the rest is
}

}  // namespace pki
