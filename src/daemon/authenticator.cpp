#include "daemon/authenticator.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <fmt/format.h>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "config/psk.hpp"
#include "engine/limits.hpp"
#include "wire/layout.hpp"

namespace tedd {

namespace {

using engine::Counter;
using engine::Means;
using engine::Standing;

constexpr std::string_view kLabel{"OpenTED discovery, signature\0", 29};

Standing nothing(Counter reason, std::string fault) {
  return {.fault = std::move(fault), .reason = reason};
}

/// By how much the clock that made the proof is off ours, when that is too much.
std::optional<std::string> fault_of_time(std::uint64_t made, std::uint64_t now) {
  constexpr auto most =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(engine::kClockSkew).count());
  const std::uint64_t apart = made > now ? made - now : now - made;
  if (apart <= most) return std::nullopt;
  return fmt::format(
      "its proof was made {} seconds {}: one of the two clocks is off, or it is an old copy (set both by NTP)",
      apart / 1000, made > now ? "in the future" : "ago");
}

// The shown chain as it is asked for.
std::span<const base::ByteView> chain_in(const wire::Proof& proof) {
  return std::span(proof.certificates).first(proof.certificate_count);
}

// What a signature is of: no other use of the certificate's key can be made to sign that.
base::Bytes labelled(base::ByteView covered) {
  base::Writer bytes(kLabel.size() + covered.size());
  bytes.append(base::Bytes(kLabel.begin(), kLabel.end()));
  bytes.append(covered);
  return std::move(bytes).take();
}

std::vector<base::Bytes> in_der(const std::vector<pki::Certificate>& chain) {
  std::vector<base::Bytes> all;
  all.reserve(chain.size());
  for (const pki::Certificate& one : chain) all.push_back(one.der());
  return all;
}

/// Signed once when a key is loaded: one that does not sign is better found then.
constexpr std::array<std::uint8_t, 4> kTried{'t', 'e', 's', 't'};

std::optional<std::string> fault_of_signer(const pki::Credentials& signer) {
  if (signer.key.kind() == pki::KeyKind::kRsa) {
    return "[discovery] has sign = true, and the key of [ike] is RSA, whose signatures are too long: take ECDSA P-256 "
           "or Ed25519";
  }
  const std::vector<base::Bytes> chain = in_der(signer.chain);
  const std::size_t length = wire::proof_length({.certificates = chain}) - wire::kProofLength;
  if (length <= wire::kMaxSignedLength && chain.size() <= wire::kMaxCertificates) {
    const auto tried = signer.key.sign(kTried);
    return tried ? std::nullopt : std::optional("[discovery] has sign = true, and " + tried.error().message);
  }
  return fmt::format(
      "[discovery] has sign = true, and certificates and signature take {} bytes, of which a datagram has {}: "
      "shorter names, fewer address blocks, or no authorities between this gateway's certificate and the CA",
      length, wire::kMaxSignedLength);
}

}  // namespace

base::Result<DiscoveryKeys, std::string> load_discovery_keys(const config::Config& config,
                                                             const Credentials& credentials) {
  DiscoveryKeys loaded{.peers = config.peers, .excess = config.ike.excess};
  for (const std::string& file : config.discovery.key_files) {
    auto key = config::load_discovery_key(file);
    if (!key) return std::unexpected(key.error().text());
    loaded.keys.emplace_back(key->text());
  }
  if (config.discovery.sign && credentials.certificates) {
    if (auto fault = fault_of_signer(*credentials.certificates)) return std::unexpected(*std::move(fault));
    loaded.signer = credentials.certificates;
  }
  return loaded;
}

DiscoveryKeys by(pki::Examiner& examiner, DiscoveryKeys keys) {
  keys.examiner = &examiner;
  return keys;
}

Authenticator::Authenticator(DiscoveryKeys keys, Clock clock) : clock_(std::move(clock)) {
  use(std::move(keys));
}

void Authenticator::use(DiscoveryKeys keys) {
  keys_ = std::move(keys);
  chain_ = keys_.signer ? in_der(keys_.signer->chain) : std::vector<base::Bytes>{};
  local_.reset();
  if (keys_.signer) local_.emplace(keys_.signer->trust);
  examiner_ = keys_.examiner != nullptr || !local_ ? keys_.examiner : &*local_;
  authoriser_.use(keys_.signer, keys_.peers, keys_.excess, examiner_);
  known_.clear();
}

std::uint64_t Authenticator::machine_clock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

Means Authenticator::means() const {
  return {.keyed_hash = !keys_.keys.empty(), .signature = keys_.signer != nullptr};
}

std::span<const base::Bytes> Authenticator::chain_for(Means with) const {
  return with.signature ? std::span<const base::Bytes>(chain_) : std::span<const base::Bytes>();
}

std::size_t Authenticator::length(Means with) const {
  return wire::proof_length({.certificates = chain_for(with), .has_keyed_hash = with.keyed_hash});
}

// A key that does not sign after all leaves the datagram without a signature's bytes filled: nobody will believe it.
base::Bytes Authenticator::seal(base::Bytes datagram, Means with) {
  wire::ProofWriter writer(std::move(datagram),
                           {.time = clock_(), .certificates = chain_for(with), .has_keyed_hash = with.keyed_hash});
  if (with.signature) {
    writer.put(wire::Signature(keys_.signer->key.sign(labelled(writer.covered())).value_or(pki::Signature{})));
  }
  if (with.keyed_hash) writer.put(wire::KeyedHash(keys_.keys.front().hash(writer.covered())));
  return std::move(writer).take();
}

bool Authenticator::holds_keyed_hash(const wire::Proof& proof) const {
  return std::ranges::any_of(keys_.keys,
                             [&](const auto& key) { return key.holds(proof.hashed_part, proof.keyed_hash); });
}

// What is cheap first: a proof that is old, or has a wrong keyed hash, is not worth the check of a signature.
Standing Authenticator::judge(base::ByteView datagram, std::size_t proof_at, const engine::Sender& sender) {
  const wire::Proof proof = wire::proof_in(datagram, proof_at);
  const std::uint64_t now = clock_();
  if (auto fault = fault_of_time(proof.time, now)) return nothing(Counter::kProofsStale, *std::move(fault));
  Standing standing;
  if (!proof.keyed_hash.empty() && !keys_.keys.empty()) {
    if (!holds_keyed_hash(proof)) {
      return nothing(Counter::kProofsWrong,
                     "its keyed hash is not by a discovery key of ours (key_file must be the same at both)");
    }
    standing.proven.keyed_hash = true;
  }
  if (proof.certificate_count > 0 && keys_.signer) {
    auto holder = judge_signature(proof, sender, standing.proven.keyed_hash, now);
    if (!holder) {
      const Counter reason = holder.error().reason;
      if (reason == Counter::kProofsUntrusted || reason == Counter::kProofsWrong) {
        budget_.on_failed(sender, standing.proven.keyed_hash, paced(now));
      }
      Standing none = nothing(holder.error().reason, std::move(holder.error().text));
      none.wants_echo = holder.error().wants_echo;
      return none;
    }
    standing.proven.signature = true;
    standing.authorisation = *std::move(holder);
  }
  // What binds a gateway to its addresses is its certificate: who could leave that out could speak for all.
  if (standing.is_proven() && keys_.signer && !standing.proven.signature) {
    return nothing(Counter::kProofsMissing,
                   "it knows the discovery key, and does not sign, which is wanted here ([discovery] sign at both)");
  }
  if (standing.is_proven()) return standing;
  return nothing(Counter::kProofsMissing,
                 proof.keyed_hash.empty() ? "it is signed, and signatures are not read here ([discovery] sign)"
                 : proof.certificate_count > 0
                     ? "it is proved by a key and a certificate, and neither is read here ([discovery] key_file, sign)"
                     : "it has a keyed hash, and there is no discovery key here to judge it by ([discovery] key_file)");
}

// The time of day may be put back, or far ahead: neither shuts others out for long, nor fills the buckets at once.
base::Instant Authenticator::paced(std::uint64_t now) {
  constexpr std::uint64_t most_at_once = 1'000;
  const std::uint64_t passed = now > last_ ? std::min(now - last_, most_at_once) : 0;
  last_ = now;
  return paced_ += std::chrono::milliseconds(static_cast<std::int64_t>(passed));
}

Authenticator::Fault Authenticator::fault_of(const pki::Error& error, Counter usual, std::string text) {
  if (error.code == pki::ErrorCode::kNotExamined) return {Counter::kProofsUnexamined, "its proof: " + error.message};
  return {usual, std::move(text)};
}

base::Result<const KnownChain*, Authenticator::Fault> Authenticator::chain_of(const wire::Proof& proof,
                                                                              const engine::Sender& sender,
                                                                              bool is_keyed, std::uint64_t now) {
  KnownChain* known = known_.find(chain_in(proof), now);
  const auto verdict = budget_.take(sender, is_keyed, known != nullptr ? &known->checks : nullptr, paced(now));
  if (verdict != SignatureBudget::Verdict::kCheck) {
    return std::unexpected(
        Fault{Counter::kProofsUnchecked,
              "more signatures are asked to be checked than there is time for (a key_file beside sign ends that)",
              verdict == SignatureBudget::Verdict::kEchoFirst});
  }
  if (known != nullptr) return known;
  const pki::Time day{std::chrono::seconds(static_cast<std::int64_t>(now / 1000))};
  auto verified = known_.verify(chain_in(proof), *examiner_, day, now);
  if (!verified) {
    return std::unexpected(fault_of(verified.error(), Counter::kProofsUntrusted,
                                    "its certificate is refused: " + verified.error().message));
  }
  return *verified;
}

base::Result<engine::Authorisation, Authenticator::Fault> Authenticator::judge_signature(const wire::Proof& proof,
                                                                                         const engine::Sender& sender,
                                                                                         bool is_keyed,
                                                                                         std::uint64_t now) {
  TED_TRY(const KnownChain* chain, chain_of(proof, sender, is_keyed, now));
  const auto holds = examiner_->check_signature(chain_in(proof).front(), labelled(proof.signed_part), proof.signature);
  if (!holds) return std::unexpected(fault_of(holds.error(), Counter::kProofsWrong, holds.error().message));
  return authoriser_.judge(chain->shown, chain->verified);
}

}  // namespace tedd
