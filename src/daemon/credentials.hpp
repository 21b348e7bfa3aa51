// How this gateway authenticates in IKE: the shared secret, or certificates.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "config/config.hpp"
#include "platform/pki/credentials.hpp"
#include "policy/remarks.hpp"
#include "policy/rule.hpp"

namespace tedd {

struct Credentials {
  base::Secret secret;                                   ///< of auth = "psk", else empty; tedd's only copy
  std::shared_ptr<const pki::Credentials> certificates;  ///< of auth = "cert", else null
};

struct CredentialsError {
  std::string text;
  bool is_of_dates = false;  ///< not valid at this time: a clock that is set later in the boot may mend it
};

/// Reads the files that [ike] names; an error names the file, and why it is refused.
[[nodiscard]] base::Result<Credentials, CredentialsError> load_credentials(const config::Config& config);

/// Protect rules whose own side is not within what our certificate gives us: peers with the same authorities refuse us
/// there. Nothing where the certificate says nothing of addresses.
[[nodiscard]] std::vector<policy::Remark> beyond_own_blocks(const Credentials& credentials,
                                                            std::span<const policy::Rule> rules);

/// The machine's clock, which certificates are judged by.
[[nodiscard]] pki::Time certificate_time();

}  // namespace tedd
