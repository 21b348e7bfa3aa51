// How this gateway proves itself in discovery, and judges the proofs of others: by the discovery keys, and by its
// certificate and those whom it trusts (docs/protocol.md section 12).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/config.hpp"
#include "daemon/authoriser.hpp"
#include "daemon/credentials.hpp"
#include "daemon/known_chains.hpp"
#include "daemon/signature_budget.hpp"
#include "engine/authenticator.hpp"
#include "platform/crypto/discovery_key.hpp"
#include "platform/pki/credentials.hpp"
#include "platform/pki/examiner.hpp"
#include "wire/proof.hpp"

namespace tedd {

/// What [discovery] gives a gateway to prove itself with, and to judge others by.
struct DiscoveryKeys {
  std::vector<crypto::DiscoveryKey> keys{};          ///< the first one proves, each of them is taken
  std::shared_ptr<const pki::Credentials> signer{};  ///< null: nothing is signed, and no signature read
  std::vector<config::Peer> peers{};                 ///< what those may speak for who sign
  config::Excess excess = config::Excess::kRefuse;
  /// Who reads what others sign; lives longer than who uses these. Null: this process does.
  pki::Examiner* examiner = nullptr;
};

/// Reads the key files; `credentials` are those of [ike]. An error names the file, and why it is refused: also a key
/// that does not sign discovery, and certificates that are longer than a datagram has room for. No text shows any of a
/// key.
[[nodiscard]] base::Result<DiscoveryKeys, std::string> load_discovery_keys(const config::Config& config,
                                                                           const Credentials& credentials);

/// The same keys, with somebody else to read what others sign.
[[nodiscard]] DiscoveryKeys by(pki::Examiner& examiner, DiscoveryKeys keys);

class Authenticator final : public engine::Authenticator {
 public:
  /// Milliseconds since 1970: the machine's time of day.
  using Clock = std::function<std::uint64_t()>;

  explicit Authenticator(DiscoveryKeys keys, Clock clock = machine_clock);

  /// From now on these, and those before no more.
  void use(DiscoveryKeys keys);

  [[nodiscard]] engine::Means means() const override;
  [[nodiscard]] std::size_t length(engine::Means with) const override;
  [[nodiscard]] base::Bytes seal(base::Bytes datagram, engine::Means with) override;
  [[nodiscard]] engine::Standing judge(base::ByteView datagram, std::size_t proof_at,
                                       const engine::Sender& sender) override;

  /// Chains, and senders with a share of their own, that made room for others.
  [[nodiscard]] std::uint64_t chains_forgotten() const { return known_.forgotten(); }
  [[nodiscard]] std::uint64_t senders_forgotten() const { return budget_.forgotten(); }

  [[nodiscard]] static std::uint64_t machine_clock();

 private:
  /// What is wrong with a proof; under what it is counted, and for people.
  struct Fault {
    engine::Counter reason{};
    std::string text;
    bool wants_echo = false;
  };
  [[nodiscard]] static Fault fault_of(const pki::Error& error, engine::Counter usual, std::string text);
  /// What a proof shows of our chain: all of it, or with no signature nothing.
  [[nodiscard]] std::span<const base::Bytes> chain_for(engine::Means with) const;
  [[nodiscard]] bool holds_keyed_hash(const wire::Proof& proof) const;
  [[nodiscard]] base::Result<engine::Authorisation, Fault> judge_signature(const wire::Proof& proof,
                                                                           const engine::Sender& sender, bool is_keyed,
                                                                           std::uint64_t now);
  [[nodiscard]] base::Result<const KnownChain*, Fault> chain_of(const wire::Proof& proof, const engine::Sender& sender,
                                                                bool is_keyed, std::uint64_t now);

  /// What the buckets take for the time: goes on with the time of day, and never back.
  [[nodiscard]] base::Instant paced(std::uint64_t now);

  DiscoveryKeys keys_;
  std::vector<base::Bytes> chain_;  ///< of the signer, in DER
  Authoriser authoriser_;
  std::optional<pki::LocalExaminer> local_;
  pki::Examiner* examiner_ = nullptr;  ///< where there is a signer
  KnownChains known_;
  SignatureBudget budget_;
  std::uint64_t last_ = 0;  ///< the time of day that paced() saw last
  base::Instant paced_{};
  Clock clock_;
};

}  // namespace tedd
