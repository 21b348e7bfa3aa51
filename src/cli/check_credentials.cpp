#include "cli/check_credentials.hpp"

#include "cli/pki_folder.hpp"
#include "config/psk.hpp"
#include "platform/pki/credentials.hpp"

namespace cli {

std::vector<config::ConfigError> credential_errors(const std::string& file, const config::Ike& ike,
                                                   const std::vector<base::Address>& addresses) {
  if (ike.auth != config::Auth::kCert) return {};
  const pki::CredentialFiles files{
      .certificate = ike.cert, .key = ike.key, .authorities = ike.ca, .revocations = ike.crl, .identity = ike.id};
  const auto loaded = pki::load_credentials(files, addresses, wall_clock());
  if (loaded) return {};
  return {{file, 0, 0, "[ike]: " + loaded.error().message, "'tedctl pki show FILE' says what is in a certificate"}};
}

std::vector<config::ConfigError> discovery_errors(const std::string& file, const config::Discovery& discovery) {
  std::vector<config::ConfigError> errors;
  for (const std::string& path : discovery.key_files) {
    const auto key = config::load_discovery_key(path);
    if (!key) errors.push_back({file, 0, 0, "[discovery]: " + key.error().message, key.error().hint});
  }
  return errors;
}

}  // namespace cli
