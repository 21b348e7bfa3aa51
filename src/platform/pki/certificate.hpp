// An X.509 certificate of a gateway or an authority (RFC 5280), and who it says that its holder is.
#pragma once

#include <chrono>
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

struct x509_st;  // NOLINT(readability-identifier-naming): OpenSSL's

namespace pki {

/// Wall-clock time: certificates are dated. Nobody here reads a clock.
using Time = std::chrono::sys_seconds;

/// RFC 3339 in UTC: `2026-11-27T23:00:00Z`.
[[nodiscard]] std::string text(Time time);

enum class NameKind : std::uint8_t { kAddress, kDns, kSubject };

/// One name of a certificate's holder, as IKE writes it.
struct Name {
  NameKind kind{};
  std::string text;

  bool operator==(const Name&) const = default;
};

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

  /// The subject's distinguished name as charon prints it: `C=CH, O=Example, CN=gw-a.example`. What separates its parts
  /// is escaped, so two names never look alike; charon does not escape, and such a name is not found by its text.
  [[nodiscard]] const std::string& subject() const;
  [[nodiscard]] const std::string& issuer() const;
  /// Of the subjectAltName, addresses and DNS names in the order in which they stand, then the subject. A DNS name with
  /// other characters than letters, digits, '-', '.' and '_', or one that looks like an address, is left out.
  [[nodiscard]] const std::vector<Name>& names() const;
  /// True when the holder has that very name: an address, a DNS name (in any case of letters) or a whole subject.
  [[nodiscard]] bool is_named(std::string_view name) const;
  /// What its holder calls itself in IKE unless told otherwise: an address of those given, else a DNS name, else an
  /// address, else the subject.
  [[nodiscard]] const Name& ike_name(std::span<const base::Address> preferred) const;

  [[nodiscard]] Time not_before() const;
  [[nodiscard]] Time not_after() const;  ///< the last second in which it holds
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
