// What proves who sent a datagram: payloads at its end, each over all the bytes ahead of it (docs/protocol.md section
// 12). Here are only their bytes; keys, certificates and clocks are the caller's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.hpp"
#include "wire/chain.hpp"
#include "wire/constants.hpp"
#include "wire/limits.hpp"

namespace wire {

using KeyedHash = std::array<std::uint8_t, 32>;  ///< HMAC-SHA-256
using Signature =
    std::array<std::uint8_t, 64>;  ///< Ed25519 (RFC 8032), or r and s of ECDSA with P-256 one behind the other

/// A proof as it stands in a datagram, which must outlive it. Nothing of it has been checked but its form.
struct Proof {
  std::uint64_t time = 0;  ///< when it was made, in milliseconds since 1970 (UTC), by its maker's clock
  std::array<base::ByteView, kMaxCertificates> certificates{};  ///< DER, the sender's own first
  std::size_t certificate_count = 0;                            ///< 0: there is no signature
  base::ByteView signed_part;                                   ///< what the signature is over
  base::ByteView signature;                                     ///< 64 bytes, or none
  base::ByteView hashed_part;                                   ///< what the keyed hash is over
  base::ByteView keyed_hash;                                    ///< 32 bytes, or none
};

/// The proof that begins at `proof_at` of a datagram that decode() took; `proof_at` is what it gave, and not 0.
[[nodiscard]] Proof proof_in(base::ByteView datagram, std::size_t proof_at);

/// What a proof is to have.
struct ProofParts {
  std::uint64_t time = 0;
  std::span<const base::Bytes> certificates{};  ///< none: no signature
  bool has_keyed_hash = false;
};

/// Bytes that such a proof adds to a datagram.
[[nodiscard]] std::size_t proof_length(const ProofParts& parts);

/// Adds a proof to a datagram: first the signature, when there are certificates, then the keyed hash, when there is to
/// be one, for it covers the signature as well.
class ProofWriter {
 public:
  /// `datagram` is whole and has no proof yet. Its chain and its length are made to fit.
  ProofWriter(base::Bytes datagram, const ProofParts& parts);

  /// What the next of the two is over; dies with the next call that is not const.
  [[nodiscard]] base::ByteView covered() const { return base::ByteView(bytes_).first(at_); }
  void put(const Signature& signature) { put_bytes(signature); }
  void put(const KeyedHash& hash) { put_bytes(hash); }

  /// When all that was announced has been put.
  [[nodiscard]] base::Bytes take() && { return std::move(bytes_); }

 private:
  void begin(PayloadType type, std::size_t length);
  void put_bytes(base::ByteView bytes);

  base::Bytes bytes_;
  std::size_t at_;          ///< written so far
  std::size_t next_field_;  ///< where the next payload's type goes
  bool hash_follows_;
};

}  // namespace wire
