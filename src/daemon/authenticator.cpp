#include "daemon/authenticator.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <fmt/format.h>
#include <utility>

#include "config/psk.hpp"
#include "engine/limits.hpp"
#include "wire/proof.hpp"

namespace tedd {

namespace {

using engine::Counter;
using engine::Means;
using engine::Standing;

Standing nothing(Counter reason, std::string fault) {
  return {.fault = std::move(fault), .reason = reason};
}

/// By how much the clock that made the proof is off ours, when that is too much.
std::optional<std::string> fault_of_time(std::uint64_t made, std::uint64_t now) {
  constexpr auto kMost =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(engine::kClockSkew).count());
  const std::uint64_t apart = made > now ? made - now : now - made;
  if (apart <= kMost) return std::nullopt;
  return fmt::format(
      "its proof was made {} seconds {}: one of the two clocks is off, or it is an old copy (set both by NTP)",
      apart / 1000, made > now ? "in the future" : "ago");
}

}  // namespace

base::Result<DiscoveryKeys, std::string> load_discovery_keys(const config::Discovery& discovery) {
  DiscoveryKeys loaded;
  for (const std::string& file : discovery.key_files) {
    auto key = config::load_discovery_key(file);
    if (!key) return std::unexpected(key.error().text());
    loaded.keys.emplace_back(*key);
    explicit_bzero(key->data(), key->size());
  }
  return loaded;
}

Authenticator::Authenticator(DiscoveryKeys keys, Clock clock) : keys_(std::move(keys)), clock_(std::move(clock)) {}

std::uint64_t Authenticator::machine_clock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

Means Authenticator::means() const {
  return {.keyed_hash = !keys_.keys.empty()};
}

std::size_t Authenticator::length(Means with) const {
  return wire::proof_length({.has_keyed_hash = with.keyed_hash});
}

base::Bytes Authenticator::seal(base::Bytes datagram, Means with) {
  wire::ProofWriter writer(std::move(datagram), {.time = clock_(), .has_keyed_hash = with.keyed_hash});
  if (with.keyed_hash) writer.put(keys_.keys.front().hash(writer.covered()));
  return std::move(writer).take();
}

// What is cheap first: a proof that is old, or has a wrong keyed hash, is not worth the check of a signature.
Standing Authenticator::judge(base::ByteView datagram, std::size_t proof_at) {
  const wire::Proof proof = wire::proof_in(datagram, proof_at);
  if (auto fault = fault_of_time(proof.time, clock_())) return nothing(Counter::kProofsStale, *std::move(fault));
  Standing standing;
  if (!proof.keyed_hash.empty() && !keys_.keys.empty()) {
    const bool holds = std::ranges::any_of(
        keys_.keys, [&](const auto& key) { return key.holds(proof.hashed_part, proof.keyed_hash); });
    if (!holds) {
      return nothing(Counter::kProofsWrong,
                     "its keyed hash is not by a discovery key of ours (key_file must be the same at both)");
    }
    standing.proven.keyed_hash = true;
  }
  if (standing.is_proven()) return standing;
  return nothing(Counter::kProofsMissing,
                 proof.keyed_hash.empty()
                     ? "it is signed, and has no keyed hash, which is what is asked for here (key_file)"
                     : "it has a keyed hash, and there is no discovery key here to judge it by (key_file)");
}

}  // namespace tedd
