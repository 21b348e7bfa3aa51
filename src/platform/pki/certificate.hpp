// An X.509 certificate of a gateway or an authority (RFC 5280), and who it says that its holder is.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "platform/pki/error.hpp"
#include "platform/pki/facts.hpp"

struct x509_st;  // NOLINT(readability-identifier-naming): OpenSSL's

namespace pki {

/// Immutable; copies share it. Parsed is not trusted: TrustStore says whether it is.
class Certificate {
 public:
  /// From DER: one certificate of at most kMaxCertificate bytes and nothing behind it. kTooLarge, kMalformed.
  [[nodiscard]] static base::Result<Certificate, Error> from_der(base::ByteView der);
  /// From PEM: one or more, in the order in which they stand; other things between them are skipped. kMalformed also
  /// when there is none, kTooLarge when there are more than kMaxAuthorities.
  [[nodiscard]] static base::Result<std::vector<Certificate>, Error> all_from_pem(base::ByteView pem);
  /// Those of a PEM file, or the one of a DER file. Errors name the file.
  [[nodiscard]] static base::Result<std::vector<Certificate>, Error> load(const std::string& path);

  [[nodiscard]] const base::Bytes& der() const;
  [[nodiscard]] base::Bytes pem() const;

  /// What it says of its holder; the functions below are its parts.
  [[nodiscard]] const Facts& facts() const;
  [[nodiscard]] const std::string& subject() const { return facts().subject; }
  [[nodiscard]] const std::string& issuer() const { return facts().issuer; }
  [[nodiscard]] const std::vector<Name>& names() const { return facts().names; }
  [[nodiscard]] bool is_named(std::string_view name) const { return facts().is_named(name); }
  [[nodiscard]] const Name& ike_name(std::span<const base::Address> preferred) const {
    return facts().ike_name(preferred);
  }
  [[nodiscard]] Time not_before() const { return facts().not_before; }
  [[nodiscard]] Time not_after() const { return facts().not_after; }  ///< the last second in which it holds
  /// Hexadecimal, two digits a byte.
  [[nodiscard]] const std::string& serial() const;
  /// It may sign other certificates (basicConstraints, and keyUsage where there is one).
  [[nodiscard]] bool is_authority() const;
  /// `ECDSA P-256`, `Ed25519`, `RSA 3072`, or OpenSSL's name of another kind.
  [[nodiscard]] std::string key_kind() const;

  /// OpenSSL's object, for this folder alone; lives as long as a copy of this.
  [[nodiscard]] x509_st* handle() const;

  /// The same bytes.
  bool operator==(const Certificate& other) const { return der() == other.der(); }

 private:
  struct Parsed;
  explicit Certificate(std::shared_ptr<const Parsed> parsed) : parsed_(std::move(parsed)) {}

  std::shared_ptr<const Parsed> parsed_;
};

}  // namespace pki
