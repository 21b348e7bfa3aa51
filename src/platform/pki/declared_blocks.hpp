// The IP address blocks in a certificate (RFC 3779 section 2), as it declares them.
#pragma once

#include <optional>

#include "base/address_set.hpp"
#include "base/result.hpp"
#include "platform/pki/certificate.hpp"

namespace pki {

/// Families are unicast and multicast at once (no SAFI); others grant nothing.
struct DeclaredBlocks {
  base::AddressSet explicit_ones;
  bool inherits_v4 = false;  ///< has all IPv4 addresses of the authority above it
  bool inherits_v6 = false;
};

/// Nothing where the certificate has no such extension; kMalformed where it has a damaged one, or one that is not
/// canonical.
[[nodiscard]] base::Result<std::optional<DeclaredBlocks>, Error> declared_blocks(const Certificate& certificate);

}  // namespace pki
