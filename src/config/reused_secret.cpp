#include "config/reused_secret.hpp"

#include "config/psk.hpp"

namespace config {

std::optional<std::string> reused_secret(const Ike& ike, const Discovery& discovery) {
  if (ike.auth != Auth::kPsk || discovery.key_files.empty()) return std::nullopt;
  const auto secret = load_psk(ike.psk_file);
  if (!secret) return std::nullopt;
  for (const std::string& file : discovery.key_files) {
    const auto key = load_discovery_key(file);
    if (!key || *key != secret->text()) continue;
    return "[discovery]: key_file '" + file + "' holds the secret of psk_file '" + ike.psk_file +
           "': whoever has seen one probe can try passwords against both; write another random key, e.g. of openssl "
           "rand -base64 32";
  }
  return std::nullopt;
}

}  // namespace config
