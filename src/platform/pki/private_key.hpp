// A gateway's private key.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "platform/pki/certificate.hpp"
#include "platform/pki/error.hpp"
#include "platform/pki/secret.hpp"

struct evp_pkey_st;  // NOLINT(readability-identifier-naming): OpenSSL's

namespace pki {

enum class KeyKind : std::uint8_t { kEcdsaP256, kEd25519, kRsa };

using Signature = std::array<std::uint8_t, 64>;

/// Wiped when it goes. Nothing prints it.
class PrivateKey {
 public:
  /// A new one from OpenSSL's generator; kUnsuitable for RSA, which is read but not made.
  [[nodiscard]] static base::Result<PrivateKey, Error> generate(KeyKind kind);
  /// From a PEM file without a passphrase. kUnreadable, kOpenToOthers when its group or others may use the file in any
  /// way, kMalformed, kUnsuitable for other keys than ECDSA P-256, Ed25519 and RSA of kMinRsa bits or more. No message
  /// shows any of it.
  [[nodiscard]] static base::Result<PrivateKey, Error> load(const std::string& path);

  [[nodiscard]] KeyKind kind() const { return kind_; }
  /// The certificate is of this key.
  [[nodiscard]] bool belongs_to(const Certificate& certificate) const;

  /// ECDSA: with SHA-256, r and s of 32 bytes each. Ed25519: as RFC 8032 has it. kUnsuitable for RSA, which serves IKE
  /// alone: its signatures do not fit discovery.
  [[nodiscard]] base::Result<Signature, Error> sign(base::ByteView bytes) const;

  /// PKCS #8 in DER: for charon.
  [[nodiscard]] Secret der() const;
  /// PKCS #8 in PEM: for a file.
  [[nodiscard]] Secret pem() const;

  /// OpenSSL's object, for this folder alone; lives as long as this.
  [[nodiscard]] evp_pkey_st* handle() const { return key_.get(); }

 private:
  PrivateKey(std::shared_ptr<evp_pkey_st> key, KeyKind kind) : key_(std::move(key)), kind_(kind) {}

  std::shared_ptr<evp_pkey_st> key_;
  KeyKind kind_;
};

}  // namespace pki
