#include "daemon/ike_names.hpp"

#include <algorithm>

#include "base/hex.hpp"
#include "daemon/log.hpp"
#include "platform/vici/tunnel.hpp"

namespace tedd {

std::string child_name(const wire::Cookie& cookie) {
  return std::string(vici::kOwnPrefix) + base::to_hex(cookie);
}

std::optional<wire::Cookie> cookie_in(std::string_view child) {
  if (!child.starts_with(vici::kOwnPrefix)) return std::nullopt;
  const auto bytes = base::from_hex(child.substr(vici::kOwnPrefix.size()));
  wire::Cookie cookie{};
  if (!bytes || bytes->size() != cookie.size()) return std::nullopt;
  std::ranges::copy(*bytes, cookie.begin());
  return cookie;
}

void log_charon(std::string_view what, const vici::Error& error) {
  log(Level::kError, "TED-CHARON", std::string(what) + ": " + error.text());
}

}  // namespace tedd
