// What the engine needs to prove who it is and to judge who others are: keys, certificates and the time of day are
// outside, behind this port (docs/protocol.md section 12).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "engine/authorisation.hpp"
#include "engine/counters.hpp"

namespace engine {

/// Ways to prove who sent a datagram.
struct Means {
  bool keyed_hash = false;  ///< it knows the discovery key
  bool signature = false;   ///< it holds the key of a certificate that we trust

  [[nodiscard]] bool any() const { return keyed_hash || signature; }
  bool operator==(const Means&) const = default;
};

/// What the proof of a datagram came to.
struct Standing {
  Means proven{};  ///< nothing: anybody may have sent it
  /// With a signature: of whom, and the addresses that it may speak for.
  std::optional<Authorisation> authorisation{};
  /// Why there is nothing proven, for people, when there is something to say; and under what it is counted.
  std::string fault{};
  Counter reason = Counter::kProofsMissing;
  /// It was not looked at, and will be when its sender has shown that it receives at its gateway.
  bool wants_echo = false;

  [[nodiscard]] bool is_proven() const { return proven.any(); }
  /// For people: `keyed hash`, `signature of gw-b.example`; empty when nothing is proven.
  [[nodiscard]] std::string text() const {
    std::string signature = proven.signature && authorisation ? "signature of " + authorisation->identity : "";
    if (!proven.keyed_hash) return signature;
    return signature.empty() ? "keyed hash" : signature + ", keyed hash";
  }
};

/// Who wants to be believed, before anything that it proves is looked at.
struct Sender {
  base::Address gateway{};  ///< whom it claims to be
  enum class Reach : std::uint8_t {
    kUnknown,     ///< anybody could have sent it in that gateway's name
    kCanBeAsked,  ///< likewise, and it would echo a cookie
    kShown,       ///< it has repeated a cookie that was sent to that gateway, or answers one: it receives there
  } reach = Reach::kUnknown;
};

/// Lives as long as the engine; used by its thread alone.
class Authenticator {
 public:
  virtual ~Authenticator() = default;
  /// What this gateway proves itself with, and reads from others. May change between any two calls of the engine.
  [[nodiscard]] virtual Means means() const = 0;
  /// Bytes that seal() adds with these means. Certificates and signature together at most wire::kMaxSignedLength.
  [[nodiscard]] virtual std::size_t length(Means with) const = 0;
  /// `datagram`, whole and without a proof, with one. `with` is among means() and not nothing.
  [[nodiscard]] virtual base::Bytes seal(base::Bytes datagram, Means with) = 0;
  /// What the proof at `proof_at` (wire/proof.hpp) of a datagram that was decoded is worth now.
  [[nodiscard]] virtual Standing judge(base::ByteView datagram, std::size_t proof_at, const Sender& sender) = 0;
};

}  // namespace engine
