#include "platform/pki/credentials.hpp"

#include <utility>

namespace pki {

namespace {

base::Result<TrustStore, Error> load_trust(const CredentialFiles& files) {
  TrustStore trust;
  for (const std::string& path : files.authorities) {
    if (auto added = trust.add_authorities(path); !added) return std::unexpected(std::move(added).error());
  }
  for (const std::string& path : files.revocations) {
    if (auto added = trust.add_revocations(path); !added) return std::unexpected(std::move(added).error());
  }
  return trust;
}

base::Result<std::string, Error> identity_of(const Certificate& own, const CredentialFiles& files,
                                             std::span<const base::Address> addresses) {
  if (files.identity.empty()) return own.ike_name(addresses).text;
  if (own.is_named(files.identity)) return files.identity;
  std::string names;
  for (const Name& name : own.names()) names += (names.empty() ? "'" : ", '") + name.text + "'";
  return std::unexpected(Error{ErrorCode::kUnsuitable,
                               files.certificate + " does not name '" + files.identity + "' (it names " + names + ")"});
}

}  // namespace

base::Result<Credentials, Error> load_credentials(const CredentialFiles& files,
                                                  std::span<const base::Address> addresses, Time now) {
  TED_TRY(std::vector<Certificate> chain, Certificate::load(files.certificate));
  TED_TRY(PrivateKey key, PrivateKey::load(files.key));
  TED_TRY(TrustStore trust, load_trust(files));
  if (!key.belongs_to(chain.front())) {
    return std::unexpected(Error{ErrorCode::kUnsuitable, files.key + " is not the key of " + files.certificate});
  }
  auto verified = trust.verify(chain, now);
  if (!verified) {
    return std::unexpected(Error{verified.error().code, files.certificate + ": " + verified.error().message});
  }
  TED_TRY(std::string identity, identity_of(chain.front(), files, addresses));
  return Credentials{std::move(chain), std::move(key), std::move(trust), std::move(identity),
                     std::move(verified->blocks)};
}

}  // namespace pki
