#include "platform/pki/private_key.hpp"

#include <algorithm>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <optional>
#include <span>
#include <utility>

#include "platform/pki/file.hpp"
#include "platform/pki/limits.hpp"
#include "platform/pki/openssl.hpp"

namespace pki {

namespace {

constexpr std::size_t kMaxKeyFile = 16 << 10;
constexpr std::size_t kMaxEcdsaDer = 72;  // of P-256

// The parts of an ECDSA signature in DER (RFC 3279 section 2.2.3), each as long as the curve's numbers are.
std::optional<Signature> fixed_of(base::ByteView made, bool is_ecdsa) {
  Signature fixed{};
  if (!is_ecdsa) {
    if (made.size() != fixed.size()) return std::nullopt;
    std::ranges::copy(made, fixed.begin());
    return fixed;
  }
  const unsigned char* at = made.data();
  const EcdsaPtr parts(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(made.size())));
  constexpr int half = 32;
  if (!parts || BN_bn2binpad(ECDSA_SIG_get0_r(parts.get()), fixed.data(), half) != half ||
      BN_bn2binpad(ECDSA_SIG_get0_s(parts.get()), std::span(fixed).subspan(half).data(), half) != half) {
    return std::nullopt;
  }
  return fixed;
}

// Instead of asking at the terminal.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writes*/, void* /*data*/) {
  return -1;
}

std::optional<KeyKind> kind_of(const EVP_PKEY& key) {
  if (is_p256(key)) return KeyKind::kEcdsaP256;
  if (EVP_PKEY_is_a(&key, "ED25519") == 1) return KeyKind::kEd25519;
  if (EVP_PKEY_is_a(&key, "RSA") == 1 && EVP_PKEY_get_bits(&key) >= kMinRsa) return KeyKind::kRsa;
  return std::nullopt;
}

Secret taken(BIO& bio) {
  const base::ByteView bytes = written(bio);
  return Secret(base::Bytes(bytes.begin(), bytes.end()));
}

}  // namespace

base::Result<PrivateKey, Error> PrivateKey::generate(KeyKind kind) {
  if (kind == KeyKind::kRsa)
    return std::unexpected(Error{ErrorCode::kUnsuitable, "no RSA key is made: take ECDSA or Ed25519"});
  EVP_PKEY* made =
      kind == KeyKind::kEcdsaP256 ? EVP_EC_gen(SN_X9_62_prime256v1) : EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  if (made == nullptr) return std::unexpected(Error{ErrorCode::kRefused, "no key can be made: " + last_words()});
  return PrivateKey(std::shared_ptr<EVP_PKEY>(made, EVP_PKEY_free), kind);
}

base::Result<PrivateKey, Error> PrivateKey::load(const std::string& path) {
  TED_TRY(const Secret bytes, read_file(path, kMaxKeyFile, Access::kOwnerAlone));
  const BioPtr bio = reader_of(bytes.view());
  std::shared_ptr<EVP_PKEY> key;
  if (bio) key.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr), EVP_PKEY_free);
  ERR_clear_error();
  if (!key) {
    return std::unexpected(Error{ErrorCode::kMalformed, path + " is not a private key in PEM without a passphrase"});
  }
  const auto kind = kind_of(*key);
  if (!kind) {
    return std::unexpected(
        Error{ErrorCode::kUnsuitable, path + " is a key that does not serve (take ECDSA on P-256, Ed25519, or RSA of " +
                                          std::to_string(kMinRsa) + " bits or more)"});
  }
  return PrivateKey(std::move(key), *kind);
}

bool PrivateKey::belongs_to(const Certificate& certificate) const {
  const EVP_PKEY* of = X509_get0_pubkey(certificate.handle());
  const bool same = of != nullptr && EVP_PKEY_eq(of, handle()) == 1;
  ERR_clear_error();
  return same;
}

base::Result<Signature, Error> PrivateKey::sign(base::ByteView bytes) const {
  if (kind_ == KeyKind::kRsa) {
    return std::unexpected(Error{ErrorCode::kUnsuitable, "an RSA key does not sign discovery: take ECDSA or Ed25519"});
  }
  const EVP_MD* digest = kind_ == KeyKind::kEcdsaP256 ? EVP_sha256() : nullptr;
  const DigestPtr context(EVP_MD_CTX_new());
  std::array<std::uint8_t, kMaxEcdsaDer> made{};
  std::size_t length = made.size();
  const bool fine = context && EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, handle()) == 1 &&
                    EVP_DigestSign(context.get(), made.data(), &length, bytes.data(), bytes.size()) == 1;
  const auto signature =
      fine ? fixed_of(base::ByteView(made).first(length), kind_ == KeyKind::kEcdsaP256) : std::nullopt;
  if (!signature) return std::unexpected(Error{ErrorCode::kRefused, "the key does not sign: " + last_words()});
  return *signature;
}

Secret PrivateKey::der() const {
  const BioPtr bio(BIO_new(BIO_s_secmem()));
  if (!bio || i2d_PKCS8PrivateKey_bio(bio.get(), handle(), nullptr, nullptr, 0, nullptr, nullptr) != 1) return {};
  return taken(*bio);
}

Secret PrivateKey::pem() const {
  const BioPtr bio(BIO_new(BIO_s_secmem()));
  if (!bio || PEM_write_bio_PKCS8PrivateKey(bio.get(), handle(), nullptr, nullptr, 0, nullptr, nullptr) != 1) return {};
  return taken(*bio);
}

}  // namespace pki
