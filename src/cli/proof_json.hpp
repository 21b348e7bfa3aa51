// The proof of a TED datagram as JSON: {"time", "certificates": [HEX], "signature": HEX|null, "keyed_hash": HEX|null,
// "signer": NAME|null}. The signer is what the first certificate says, and is read by nobody who encodes.
// `decode` shows what stands there, `encode` writes what it is given: neither has a key to judge it with.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/text_error.hpp"
#include "control/json.hpp"
#include "control/timestamp.hpp"
#include "wire/proof.hpp"

namespace cli {

/// A proof that outlives its datagram.
struct GivenProof {
  std::uint64_t time = 0;  ///< milliseconds since 1970
  std::vector<base::Bytes> certificates{};
  base::Bytes signature{};   ///< 64 bytes, or none
  base::Bytes keyed_hash{};  ///< 32 bytes, or none

  bool operator==(const GivenProof&) const = default;
};

[[nodiscard]] GivenProof given(const wire::Proof& proof);

/// The subject of the first certificate; nothing without one, or where it cannot be read.
[[nodiscard]] std::optional<std::string> signer_of(const GivenProof& proof);

[[nodiscard]] control::Json proof_json(const GivenProof& proof);
/// Parts of another length, certificates without signature or the other way round, or nothing at all are errors.
[[nodiscard]] base::Result<GivenProof, base::TextError> proof_of(const control::Json& json);

/// How many bytes it adds to a datagram.
[[nodiscard]] std::size_t length_of(const GivenProof& proof);
/// `datagram`, which has no proof, with it.
[[nodiscard]] base::Bytes with_proof(base::Bytes datagram, const GivenProof& proof);

}  // namespace cli
