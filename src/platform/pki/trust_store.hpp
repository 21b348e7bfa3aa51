// Whom we trust to say who a gateway is, and which addresses it may speak for.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/address_set.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "platform/pki/certificate.hpp"

namespace pki {

/// What a verified certificate says of its holder beyond its names.
struct Verified {
  /// The addresses that it may speak for (RFC 3779), those that it inherits included; nothing when it says nothing of
  /// addresses, which is not the same as an empty set.
  std::optional<base::AddressSet> blocks;
  /// The last second in which this holds as it stands: the earliest end of a certificate between the holder's and the
  /// authority's, both included, or of a revocation list of one of them.
  Time until{};
};

/// Authorities and their revocation lists. Filled once, then only asked; a new configuration makes a new one.
class TrustStore {
 public:
  TrustStore();
  ~TrustStore();
  TrustStore(TrustStore&&) noexcept;
  TrustStore& operator=(TrustStore&&) noexcept;

  /// Trusts the certificate as it is, a root or not. kUnsuitable when it is no authority's, kTooLarge when there are
  /// kMaxAuthorities.
  [[nodiscard]] base::Result<void, Error> add_authority(const Certificate& certificate);
  /// All of a file of certificates, PEM or DER. Errors name the file.
  [[nodiscard]] base::Result<void, Error> add_authorities(const std::string& path);
  /// All revocation lists of a file, PEM or DER, of authorities that were added before. kUnknownIssuer for a list of
  /// nobody whom we trust, kWrongSignature, kMalformed. Whether one is stale is asked when something is verified: the
  /// daemon runs longer than a list holds.
  [[nodiscard]] base::Result<void, Error> add_revocations(const std::string& path);

  /// One list in DER, likewise; `from` says in errors where it is from.
  [[nodiscard]] base::Result<void, Error> add_revocation_list(base::ByteView der, const std::string& from);

  [[nodiscard]] const std::vector<Certificate>& authorities() const;
  /// In DER.
  [[nodiscard]] const std::vector<base::Bytes>& revocation_lists() const;

  /// The holder's certificate first, then those between it and an authority in any order; at most kMaxChain. Asked: the
  /// signatures up to an authority, dates, revocation by every authority of which there is a list, key sizes and
  /// digests of 112 bits of strength or more, extensions that OpenSSL does not know and that are critical, and address
  /// blocks each in those above. Not asked: names, and what the key may be used for. The reasons:
  /// kExpired, kNotYetValid, kUnknownIssuer, kRevoked, kRevocationsStale, kBlocksMissing, kBlocksOutside, kMalformed,
  /// kTooLarge, kRefused.
  ///
  /// Costs a signature check for each step: ask only behind something cheaper.
  [[nodiscard]] base::Result<Verified, Error> verify(std::span<const Certificate> chain, Time now) const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace pki
