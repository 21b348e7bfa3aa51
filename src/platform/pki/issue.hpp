// Making certificates, for labs and small sites: what an authority does.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/address_set.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "platform/pki/certificate.hpp"
#include "platform/pki/error.hpp"
#include "platform/pki/private_key.hpp"

namespace pki {

/// What a certificate is to say.
struct Wanted {
  std::string common_name;               ///< the subject is `CN=` this; at most 64 characters
  std::vector<std::string> dns_names{};  ///< subjectAltName
  std::vector<base::Address> addresses{};
  std::optional<base::AddressSet> blocks{};  ///< RFC 3779, critical; nothing: the certificate says nothing of addresses
  bool inherits_blocks = false;              ///< all of the authority above it, of both families, instead of those
  bool is_authority = false;
  Time not_before;
  Time not_after;
};

/// A certificate for the public half of `key`, signed by the authority's. The caller asks whether the blocks are in the
/// authority's. kUnsuitable for names that no certificate can have, kTooLarge when it would have more than
/// kMaxCertificate bytes.
[[nodiscard]] base::Result<Certificate, Error> issue(const Wanted& wanted, const PrivateKey& key,
                                                     const Certificate& authority, const PrivateKey& authority_key);
/// The same, signed by its own key: a root.
[[nodiscard]] base::Result<Certificate, Error> issue_root(const Wanted& wanted, const PrivateKey& key);

/// A revocation list in PEM: what `before` (PEM, or empty) lists, and the serials given (as Certificate::serial() has
/// them), of now until `next`. Its number is one more than that of `before`.
[[nodiscard]] base::Result<base::Bytes, Error> revoke(const Certificate& authority, const PrivateKey& authority_key,
                                                      base::ByteView before, const std::vector<std::string>& serials,
                                                      Time now, Time next);

}  // namespace pki
