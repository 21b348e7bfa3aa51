#include "platform/pki/secret.hpp"

#include <openssl/crypto.h>

namespace pki {

Secret::~Secret() {
  OPENSSL_cleanse(bytes_.data(), bytes_.size());
}

}  // namespace pki
