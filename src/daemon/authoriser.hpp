// Which addresses a peer may speak for: those of its certificate's address blocks (RFC 3779), and those that the
// configuration gives its identity. charon proves the identity and does not say by which certificate, so tedd asks it
// for those that it has of that identity, and judges them by its own authorities, revocation lists and clock.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/bytes.hpp"
#include "config/config.hpp"
#include "engine/authorisation.hpp"
#include "platform/pki/credentials.hpp"

namespace tedd {

/// Identities whose certificates are remembered, and certificates of one identity: charon's own cache is small, and a
/// peer that rekeys after an hour may be in it no more.
inline constexpr std::size_t kMaxIdentities = 4096;
inline constexpr std::size_t kMaxCertificatesOfOne = 8;

class Authoriser {
 public:
  /// A certificate that is to be trusted now.
  struct Valid {
    pki::Certificate certificate;
    pki::Verified verified;
  };

  /// Other credentials, other peers; what is remembered stays, and is judged by these from now on. Null: nothing is
  /// authorised.
  void use(std::shared_ptr<const pki::Credentials> credentials, const std::vector<config::Peer>& peers,
           config::Excess excess);

  /// `listed` are the certificates that charon has of that identity. Of several that are valid the youngest of each
  /// authority counts, which is its last word about that identity; of several authorities only what all of them allow
  /// is allowed, for nobody knows which one it was. A [[peer]] allows its prefixes to whoever has that identity, as far
  /// as the certificate's blocks go when it has any. An identity that has neither, or that nobody can tell, is allowed
  /// nothing.
  [[nodiscard]] engine::Authorisation judge(const std::string& identity, const std::vector<base::Bytes>& listed,
                                            pki::Time now);
  /// The same for one certificate that was shown in discovery, and verified; its identity is its first name.
  [[nodiscard]] engine::Authorisation judge(const pki::Certificate& shown, const pki::Verified& verified) const;
  /// The same for a peer of which charon told nothing.
  [[nodiscard]] engine::Authorisation refuse(const std::string& identity, std::string why) const;

 private:
  using Certificates = std::vector<pki::Certificate>;
  /// The valid ones of an identity, and why others are not.
  struct Held {
    std::vector<Valid> valid;
    std::string fault;
  };
  [[nodiscard]] engine::Authorisation authorise(const std::string& identity, const Held& its) const;
  void remember(const std::string& identity, const std::vector<base::Bytes>& listed);
  [[nodiscard]] Held held(const std::string& identity, pki::Time now) const;

  std::shared_ptr<const pki::Credentials> credentials_;
  std::vector<config::Peer> peers_;
  bool narrows_ = false;
  std::unordered_map<std::string, Certificates> remembered_;
};

}  // namespace tedd
