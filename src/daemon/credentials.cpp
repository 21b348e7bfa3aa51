#include "daemon/credentials.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "config/psk.hpp"
#include "platform/rights/locked.hpp"

namespace tedd {

base::Result<Credentials, CredentialsError> load_credentials(const config::Config& config) {
  const config::Ike& ike = config.ike;
  if (ike.auth == config::Auth::kPsk) {
    if (ike.psk_file.empty()) return Credentials{};  // of one that only observes
    auto secret = config::load_psk(ike.psk_file);
    if (!secret) return std::unexpected(CredentialsError{secret.error().text()});
    rights::keep_in_memory(secret->view());
    return Credentials{.secret = *std::move(secret), .certificates = nullptr};
  }
  const pki::CredentialFiles files{
      .certificate = ike.cert, .key = ike.key, .authorities = ike.ca, .revocations = ike.crl, .identity = ike.id};
  auto loaded = pki::load_credentials(files, config.gateway.addresses, certificate_time());
  if (!loaded) {
    using enum pki::ErrorCode;
    const auto code = loaded.error().code;
    const bool is_of_dates = code == kExpired || code == kNotYetValid || code == kRevocationsStale;
    const std::string own = code == kRevoked
                                ? " (that is this gateway's own certificate: whoever reads the list makes no "
                                  "tunnel with it; have another one issued, and name it and its key in "
                                  "'cert' and 'key')"
                                : "";
    return std::unexpected(CredentialsError{"[ike]: " + loaded.error().message + own, is_of_dates});
  }
  return Credentials{.secret = {}, .certificates = std::make_shared<const pki::Credentials>(*std::move(loaded))};
}

std::vector<policy::Remark> beyond_own_blocks(const Credentials& credentials, std::span<const policy::Rule> rules) {
  std::vector<policy::Remark> remarks;
  if (!credentials.certificates) return remarks;
  const auto verified = credentials.certificates->trust.verify(credentials.certificates->chain, certificate_time());
  if (!verified || !verified->blocks) return remarks;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (rules[i].action != policy::Action::kProtect) continue;
    const auto beyond = std::ranges::find_if(
        rules[i].local, [&](const base::MaskedAddress& own) { return !verified->blocks->covers(own); });
    if (beyond == rules[i].local.end()) continue;
    remarks.push_back({static_cast<policy::RuleIndex>(i),
                       "rule '" + rules[i].name + "' protects " + beyond->text() +
                           " on this side, and this gateway's certificate gives it " + verified->blocks->text() +
                           " only: a peer that asks certificates takes no tunnel for the rest"});
  }
  return remarks;
}

pki::Time certificate_time() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

}  // namespace tedd
