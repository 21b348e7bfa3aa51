// What `tedctl check` finds wrong with the files of certificates and of keys.
#pragma once

#include <string>
#include <vector>

#include "config/config.hpp"

namespace cli {

/// What tedd would say at its start about the certificate, key, authorities and revocation lists that [ike] names, read
/// now and here; nothing with a shared secret, which is read by tedd alone.
[[nodiscard]] std::vector<config::ConfigError> credential_errors(const std::string& file, const config::Ike& ike,
                                                                 const std::vector<base::Address>& addresses);

/// Likewise of each key file of [discovery]: that it is there, is nobody else's, and long enough.
[[nodiscard]] std::vector<config::ConfigError> discovery_errors(const std::string& file,
                                                                const config::Discovery& discovery);

}  // namespace cli
