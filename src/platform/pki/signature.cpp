#include "platform/pki/signature.hpp"

#include <openssl/err.h>

#include "platform/pki/openssl.hpp"
#include "platform/pki/private_key.hpp"

namespace pki {

namespace {

// What OpenSSL reads: r and s in DER; nothing of another length.
base::Bytes der_of(base::ByteView fixed) {
  constexpr int half = 32;
  const EcdsaPtr parts(ECDSA_SIG_new());
  if (!parts || fixed.size() != Signature{}.size()) return {};
  BIGNUM* r = BN_bin2bn(fixed.data(), half, nullptr);
  BIGNUM* s = BN_bin2bn(fixed.subspan(half).data(), half, nullptr);
  if (r == nullptr || s == nullptr || ECDSA_SIG_set0(parts.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    return {};
  }
  unsigned char* made = nullptr;
  const int length = i2d_ECDSA_SIG(parts.get(), &made);
  base::Bytes der;
  if (length > 0) der.assign(made, made + length);
  OPENSSL_free(made);
  return der;
}

}  // namespace

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
  const base::Bytes given = is_ecdsa ? der_of(signature) : base::Bytes(signature.begin(), signature.end());
  const DigestPtr context(EVP_MD_CTX_new());
  const bool fine =
      context && EVP_DigestVerifyInit(context.get(), nullptr, is_ecdsa ? EVP_sha256() : nullptr, nullptr, key) == 1 &&
      EVP_DigestVerify(context.get(), given.data(), given.size(), bytes.data(), bytes.size()) == 1;
  ERR_clear_error();
  if (fine) return {};
  return std::unexpected(Error{ErrorCode::kWrongSignature,
                               "the signature is not one of " + certificate.subject() + ", or not of these bytes"});
}

}  // namespace pki
