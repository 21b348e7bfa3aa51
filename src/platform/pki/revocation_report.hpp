// What a file of revocation lists says, for people.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "platform/pki/certificate.hpp"
#include "platform/pki/error.hpp"

namespace pki {

struct RevocationReport {
  std::string issuer;                ///< as Certificate::subject() of the authority
  Time made;                         ///< RFC 5280: thisUpdate
  std::optional<Time> next;          ///< nextUpdate: after it the list counts no more; nothing: it does not say
  std::vector<std::string> serials;  ///< of what it revokes, as Certificate::serial(), in its order
};

/// All lists of a PEM file, or the one of a DER file; at least one. Nothing is verified.
[[nodiscard]] base::Result<std::vector<RevocationReport>, Error> read_revocations(const std::string& path);

}  // namespace pki
