// Which addresses a peer may speak for: those of its certificate's address blocks (RFC 3779), and those that the
// configuration gives its identity. charon proves the identity and does not say by which certificate, so tedd asks it
// for those that it has of that identity, and judges them by its own authorities, revocation lists and clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/bytes.hpp"
#include "config/config.hpp"
#include "engine/authorisation.hpp"
#include "platform/pki/credentials.hpp"
#include "platform/pki/examiner.hpp"

namespace tedd {

/// Identities whose certificates are remembered, and certificates of one identity: charon's own cache is small, and a
/// peer that rekeys after an hour may be in it no more.
inline constexpr std::size_t kMaxIdentities = 4096;
inline constexpr std::size_t kMaxCertificatesOfOne = 8;

/// The last second of an identity's certificate.
using CertificateEnds = std::unordered_map<std::string, pki::Time>;

class Authoriser {
 public:
  /// A certificate that is to be trusted now.
  struct Valid {
    pki::Facts certificate;
    pki::Verified verified;
  };

  /// What was found about an identity.
  struct Judgement {
    engine::Authorisation authorisation;
    std::optional<pki::Time> until{};  ///< the last second in which that stands; nothing: until something else changes
    std::optional<pki::Time> certificate_end{};  ///< of those that count, the last second of the first that ends
    bool is_examined = true;  ///< false: nobody could read its certificates now, and it is worth another try
  };

  /// Other credentials, other peers; what is remembered stays, and is judged by these from now on. Null: nothing is
  /// authorised. `examiner` reads what charon lists, which comes from strangers as well; it lives longer. Null: this
  /// process does.
  void use(std::shared_ptr<const pki::Credentials> credentials, const std::vector<config::Peer>& peers,
           config::Excess excess, pki::Examiner* examiner = nullptr);

  /// `listed` are the certificates that charon has of that identity. Of several that are valid the youngest of each
  /// authority counts, which is its last word about that identity; of several authorities only what all of them allow
  /// is allowed, for nobody knows which one it was. A [[peer]] allows its prefixes to whoever has that identity, as far
  /// as the certificate's blocks go when it has any. An identity that has neither, or that nobody can tell, is allowed
  /// nothing.
  [[nodiscard]] Judgement judge(const std::string& identity, const std::vector<base::Bytes>& listed, pki::Time now);
  /// The same for one certificate that was shown in discovery, and verified; its identity is its first name.
  [[nodiscard]] engine::Authorisation judge(const pki::Facts& shown, const pki::Verified& verified) const;
  /// The same for a peer of which charon told nothing.
  [[nodiscard]] engine::Authorisation refuse(const std::string& identity, std::string why) const;

  /// Certificates that made room for others, and are read anew when charon lists them again.
  [[nodiscard]] std::uint64_t forgotten() const { return forgotten_; }

 private:
  struct Remembered {
    base::Bytes der;
    pki::Facts facts;
  };
  using Certificates = std::vector<Remembered>;
  /// The valid ones of an identity, and why others are not.
  struct Held {
    std::vector<Valid> valid;
    std::string fault;
    bool is_examined = true;
  };
  [[nodiscard]] engine::Authorisation authorise(const std::string& identity, const Held& its) const;
  /// False when not all of them could be read now.
  bool remember(const std::string& identity, const std::vector<base::Bytes>& listed);
  [[nodiscard]] Held held(const std::string& identity, pki::Time now);

  std::shared_ptr<const pki::Credentials> credentials_;
  std::unique_ptr<pki::LocalExaminer> local_;
  pki::Examiner* examiner_ = nullptr;  ///< where there are credentials
  std::vector<config::Peer> peers_;
  bool narrows_ = false;
  std::unordered_map<std::string, Certificates> remembered_;
  std::uint64_t forgotten_ = 0;
};

}  // namespace tedd
