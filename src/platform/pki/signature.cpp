#include "platform/pki/signature.hpp"

#include <openssl/err.h>

#include "platform/pki/openssl.hpp"

namespace pki {

base::Result<void, Error> verify_signature(const Certificate& certificate, base::ByteView bytes,
                                           base::ByteView signature) {
  EVP_PKEY* key = X509_get0_pubkey(certificate.handle());
  const bool is_ecdsa = key != nullptr && is_p256(*key);
  const bool is_ed25519 = key != nullptr && EVP_PKEY_is_a(key, "ED25519") == 1;
  // X509_get_key_usage() says that all is allowed where the certificate has no keyUsage.
  const bool may_sign = (X509_get_key_usage(certificate.handle()) & KU_DIGITAL_SIGNATURE) != 0;
  if ((!is_ecdsa && !is_ed25519) || !may_sign) {
    return std::unexpected(Error{ErrorCode::kUnsuitable, "the certificate of " + certificate.subject() +
                                                             " does not serve for signatures of discovery"});
  }
  const DigestPtr context(EVP_MD_CTX_new());
  const bool fine =
      context && EVP_DigestVerifyInit(context.get(), nullptr, is_ecdsa ? EVP_sha256() : nullptr, nullptr, key) == 1 &&
      EVP_DigestVerify(context.get(), signature.data(), signature.size(), bytes.data(), bytes.size()) == 1;
  ERR_clear_error();
  if (fine) return {};
  return std::unexpected(Error{ErrorCode::kWrongSignature,
                               "the signature is not one of " + certificate.subject() + ", or not of these bytes"});
}

}  // namespace pki
