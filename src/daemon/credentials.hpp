// How this gateway authenticates in IKE: the shared secret, or certificates.
#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"
#include "config/config.hpp"
#include "platform/pki/credentials.hpp"

namespace tedd {

struct Credentials {
  std::string secret;                                    ///< of auth = "psk", else empty
  std::shared_ptr<const pki::Credentials> certificates;  ///< of auth = "cert", else null
};

/// Reads the files that [ike] names; an error names the file, and why it is refused.
[[nodiscard]] base::Result<Credentials, std::string> load_credentials(const config::Config& config);

/// The machine's clock, which certificates are judged by.
[[nodiscard]] pki::Time certificate_time();

}  // namespace tedd
