// What `tedctl check` finds wrong with the files of certificates.
#pragma once

#include <string>
#include <vector>

#include "config/config.hpp"

namespace cli {

/// What tedd would say at its start about the certificate, key, authorities and revocation lists that [ike] names, read
/// now and here; nothing with a shared secret, which is read by tedd alone.
[[nodiscard]] std::vector<config::ConfigError> credential_errors(const std::string& file, const config::Ike& ike,
                                                                 const std::vector<base::Address>& addresses);

}  // namespace cli
