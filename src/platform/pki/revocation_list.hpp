// Certificate revocation lists (RFC 5280 section 5) as files have them. For this folder alone.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "platform/pki/error.hpp"
#include "platform/pki/openssl.hpp"

namespace pki {

/// All lists of a PEM file, or the one of a DER file; at least one.
[[nodiscard]] base::Result<std::vector<X509CrlPtr>, Error> load_revocation_lists(const std::string& path);
/// Its bytes in DER.
[[nodiscard]] base::Bytes der_of(const X509_CRL& list);

}  // namespace pki
