#include "sim/authenticator.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "engine/limits.hpp"
#include "sim/random.hpp"

namespace sim {

namespace {

using engine::Counter;
using engine::Standing;

constexpr std::uint64_t kSigning = 0x5169;

// Its certificate: authority, blocks as a text, and the name of its holder.
base::Bytes certificate_of(const Keys& keys) {
  base::Writer out;
  out.u64(*keys.authority);
  const std::string blocks = keys.blocks ? keys.blocks->text() : "any";
  out.u8(static_cast<std::uint8_t>(blocks.size()));
  out.append(base::Bytes(blocks.begin(), blocks.end()));
  out.append(base::Bytes(keys.identity.begin(), keys.identity.end()));
  return std::move(out).take();
}

std::string text_of(base::ByteView bytes) {
  return {bytes.begin(), bytes.end()};
}

// `10.2.0.0/16, 10.3.0.0/16` as AddressSet::text() has it.
base::AddressSet blocks_of(const std::string& text) {
  if (text == "any") return blocks_of("0.0.0.0/0, ::/0");
  base::AddressSet blocks;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(", ", at), text.size());
    if (const auto prefix = base::Prefix::parse(text.substr(at, end - at))) blocks.add(*prefix);
    at = end + 2;
  }
  return blocks;
}

template <class Proof>
Proof proof_of(std::uint64_t key, base::ByteView covered) {
  Proof proof{};
  SeededHash hash(key);
  const std::uint64_t value = hash.hash(covered);
  for (std::size_t i = 0; i < proof.size(); ++i) proof[i] = static_cast<std::uint8_t>(value >> (8 * (i % 8)));
  return proof;
}

Standing nothing(Counter reason, std::string why) {
  return {.fault = std::move(why), .reason = reason};
}

std::uint64_t milliseconds(base::Instant time) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count());
}

}  // namespace

Keys keys_of(Proofs proofs, std::uint64_t key) {
  if (proofs == Proofs::kKey) return {.key = key};
  return {.authority = key, .identity = "a gateway"};
}

SeededAuthenticator::SeededAuthenticator(Keys keys, std::function<base::Instant()> clock)
    : keys_(std::move(keys)), clock_(std::move(clock)) {}

engine::Means SeededAuthenticator::means() const {
  return {.keyed_hash = keys_.key.has_value(), .signature = keys_.authority.has_value()};
}

wire::ProofParts SeededAuthenticator::parts(engine::Means with, std::span<const base::Bytes> certificates) const {
  return {milliseconds(clock_()), with.signature ? certificates : std::span<const base::Bytes>(), with.keyed_hash};
}

std::size_t SeededAuthenticator::length(engine::Means with) const {
  std::vector<base::Bytes> certificates;
  if (with.signature) certificates.push_back(certificate_of(keys_));
  return wire::proof_length(parts(with, certificates));
}

base::Bytes SeededAuthenticator::seal(base::Bytes datagram, engine::Means with) {
  std::vector<base::Bytes> certificates;
  if (with.signature) certificates.push_back(certificate_of(keys_));
  wire::ProofWriter writer(std::move(datagram), parts(with, certificates));
  if (with.signature) writer.put(proof_of<wire::Signature>(*keys_.authority ^ kSigning, writer.covered()));
  if (with.keyed_hash) writer.put(proof_of<wire::KeyedHash>(*keys_.key, writer.covered()));
  return std::move(writer).take();
}

Standing SeededAuthenticator::judge(base::ByteView datagram, std::size_t proof_at, const engine::Sender& sender) {
  const wire::Proof proof = wire::proof_in(datagram, proof_at);
  static constexpr auto kSkew = static_cast<std::uint64_t>(engine::kClockSkew / std::chrono::milliseconds(1));
  const std::uint64_t now = milliseconds(clock_());
  if (std::max(now, proof.time) - std::min(now, proof.time) > kSkew) {  // anybody can write any time
    return nothing(Counter::kProofsStale, "its clock is off");
  }
  Standing standing;
  if (!proof.keyed_hash.empty() && keys_.key) {
    if (!std::ranges::equal(proof_of<wire::KeyedHash>(*keys_.key, proof.hashed_part), proof.keyed_hash)) {
      return nothing(Counter::kProofsWrong, "its keyed hash is wrong");
    }
    standing.proven.keyed_hash = true;
  }
  if (proof.certificate_count > 0 && keys_.authority) {
    if (busy_ && !standing.proven.keyed_hash && sender.reach != engine::Sender::Reach::kShown) {
      Standing none = nothing(Counter::kProofsUnchecked, "strangers ask for more signatures than it checks");
      none.wants_echo = sender.reach == engine::Sender::Reach::kCanBeAsked;
      return none;
    }
    base::Reader certificate(proof.certificates.front());
    const std::uint64_t authority = certificate.u64();
    if (authority != *keys_.authority) return nothing(Counter::kProofsUntrusted, "its certificate is of another CA");
    if (!std::ranges::equal(proof_of<wire::Signature>(authority ^ kSigning, proof.signed_part), proof.signature)) {
      return nothing(Counter::kProofsWrong, "its signature is wrong");
    }
    engine::Authorisation& holder = standing.authorisation.emplace();
    holder.allowed = blocks_of(text_of(certificate.view(certificate.u8())));
    holder.identity = text_of(certificate.view(certificate.remaining()));
    holder.basis = "its certificate";
    holder.narrows = keys_.narrows;
    standing.proven.signature = true;
  }
  if (standing.is_proven() && keys_.authority && !standing.proven.signature) {
    return nothing(Counter::kProofsMissing, "it does not sign");
  }
  return standing.is_proven() ? standing : nothing(Counter::kProofsMissing, "it has no proof that is read here");
}

}  // namespace sim
