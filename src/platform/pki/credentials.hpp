// Everything that a gateway needs to authenticate with certificates, read from its files and found to fit together.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/address_set.hpp"
#include "base/result.hpp"
#include "platform/pki/certificate.hpp"
#include "platform/pki/error.hpp"
#include "platform/pki/private_key.hpp"
#include "platform/pki/trust_store.hpp"

namespace pki {

/// Where they are.
struct CredentialFiles {
  std::string certificate;  ///< the gateway's first, then those between it and an authority
  std::string key;
  std::vector<std::string> authorities;
  std::vector<std::string> revocations;
  std::string identity;  ///< what the gateway is to call itself; empty: what its certificate does
};

struct Credentials {
  std::vector<Certificate> chain;  ///< at least one; the gateway's own first
  PrivateKey key;
  TrustStore trust;
  std::string identity;  ///< one of the certificate's names
  /// What a peer lets it speak for: as Verified::blocks.
  std::optional<base::AddressSet> blocks{};
};

/// Reads and checks them at that time, as a peer with the same authorities would: key and certificate belong together,
/// the chain is trusted, the certificate has the identity. Everything that load() and TrustStore say, and kUnsuitable
/// for what does not belong together; the message names the file. `addresses` are the gateway's tunnel endpoints, of
/// which it calls itself one when its certificate has it.
[[nodiscard]] base::Result<Credentials, Error> load_credentials(const CredentialFiles& files,
                                                                std::span<const base::Address> addresses, Time now);

}  // namespace pki
