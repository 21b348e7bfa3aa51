// Vendor ID payloads (RFC 2408 section 3.16): which of them are ours, and the one with the capability flags.
#pragma once

#include <optional>

#include "wire/chain.hpp"
#include "wire/chain_writer.hpp"

namespace wire {

/// What a payload of the chain is to us.
enum class Kind : std::uint8_t {
  kOther,         ///< of another type, or of another vendor: skipped
  kPadding,       ///< room for the answer: skipped
  kId,            ///< gateway or half proxy, by its place
  kCapabilities,  ///< our vendor payload
  kSummary,       ///< the packet summary of a probe
  kProxy,         ///< the full proxy of a response
  kOffer,         ///< the offer of a response
  kProof,         ///< opens a proof; those below are what it says they are only behind it
  kCertificate,
  kSignature,
  kKeyedHash,
};

/// By its type, and for vendor payloads by the hash at the front of the body.
[[nodiscard]] Kind kind_of(const Payload& payload);

/// A payload of kind kCapabilities.
[[nodiscard]] bool decode_capabilities(const Payload& payload, std::optional<Capabilities>& capabilities,
                                       DecodeError& error);

/// Writes a payload of kCapabilitiesLength bytes.
void encode_capabilities(Capabilities capabilities, ChainWriter& out);

/// Writes a payload of `length` bytes, at least kBareVendorLength, that says nothing.
void encode_padding(std::size_t length, ChainWriter& out);

}  // namespace wire
