// What can be wrong with a datagram.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace wire {

/// In the order in which a datagram is looked at: header, chain, ID, vendor payloads, the whole.
enum class Error : std::uint8_t {
  kDatagramTooLong,      ///< more than kMaxDatagramLength bytes
  kTruncatedHeader,      ///< fewer bytes than the ISAKMP header
  kNotIsakmpV1,          ///< the version byte is not 0x10; most often IKEv2
  kUnknownExchange,      ///< the exchange type is neither probe nor response
  kFlagsSet,             ///< encryption, commit or any other flag
  kMessageIdSet,         ///< the message ID is not zero
  kZeroInitiatorCookie,  ///< the initiator cookie is zero
  kResponderCookieSet,   ///< a probe with a responder cookie that does not say that it echoes them
  kZeroResponderCookie,  ///< a response without a responder cookie
  kLengthTooSmall,       ///< the header's length does not even cover the header
  kTruncatedDatagram,    ///< the header's length is more than the datagram
  kTrailingBytes,        ///< bytes behind the header's length, or behind the last payload
  kTooManyPayloads,      ///< more than kMaxPayloads payloads
  kTruncatedPayload,     ///< a payload reaches beyond the datagram
  kPayloadTooShort,      ///< a payload's length does not even cover its own header
  kReservedSet,          ///< the reserved byte of a payload's header is not zero
  kTooManyIds,           ///< a third ID payload
  kIdLength,             ///< an ID payload is not as long as its type asks
  kIdTypeUnsupported,    ///< an identity that is neither address nor subnet
  kIdNotAnAddress,       ///< the first ID, the gateway's, is a subnet
  kIdProtocolSet,        ///< an ID is limited to a protocol
  kIdPortSet,            ///< an ID is limited to a port
  kVendorLength,         ///< our vendor payload is not as long as its flags ask
  kDuplicateVendor,      ///< a second one
  kSummaryLength,        ///< the packet summary is not as long as its IP version asks
  kSummaryVersion,       ///< its version is not 3
  kSummaryIpVersion,     ///< its IP version is neither 4 nor 6
  kSummaryProtocol,      ///< its protocol is 0, which no packet has
  kSummaryReservedSet,   ///< its reserved byte is not zero
  kSummaryPorts,         ///< ports beside a protocol without ports, or an ICMP type or code above 255
  kDuplicateSummary,     ///< a second one
  kSummaryInResponse,    ///< a response with a packet summary
  kResponseLength,       ///< the response payload is not as long as its IP version asks
  kResponseVersion,      ///< its version is not 3
  kResponseIpVersion,    ///< its IP version is neither 4 nor 6
  kResponseReservedSet,  ///< a flag that has no meaning
  kResponsePorts,        ///< ports that its protocol has not, an ICMP type or code above 255, or a flag without its 0
  kDuplicateResponse,    ///< a second one
  kResponseInProbe,      ///< a probe with a response payload
  kOfferLength,          ///< the offer ends before its lists do, or goes on behind them
  kOfferVersion,         ///< its version is not 3
  kOfferIpVersion,       ///< its IP version is neither 4 nor 6
  kOfferReservedSet,     ///< a flag that has no meaning, or its reserved byte is not zero
  kOfferCount,           ///< an empty side, or more than kMaxOfferEnds ends or exemptions
  kOfferAddress,         ///< a prefix longer than its address, or bits behind it
  kOfferPorts,           ///< ports that its protocol has not, a reversed range, or an ICMP type or code above 255
  kDuplicateOffer,       ///< a second one
  kOfferInProbe,         ///< a probe with an offer
  kOfferAlone,           ///< an offer without a response payload, or of another IP version than it
  kProofLength,          ///< the payload that opens a proof is not kProofLength bytes
  kDuplicateProof,       ///< a second one
  kProofOrder,           ///< behind it something else than certificates, signature and keyed hash, in that order
  kTooManyCertificates,  ///< more than kMaxCertificates
  kCertificateEncoding,  ///< an empty certificate, or another encoding than X.509 for signatures
  kSignatureLength,      ///< a signature is not 64 bytes
  kKeyedHashLength,      ///< a keyed hash is not 32 bytes
  kProofIncomplete,      ///< a proof without signature and keyed hash, or one of certificate and signature alone
  kMissingId,            ///< no ID payload: nobody to answer, or nobody to tunnel to
  kMissingHalfProxy,     ///< a response of the draft form without its second ID, and it asks for no echo
  kHalfProxyFamily,      ///< the second ID is of another IP version than the summary or the response payload
};

inline constexpr std::size_t kErrorCount = static_cast<std::size_t>(Error::kHalfProxyFamily) + 1;

/// Where it went wrong: the first byte of the field that is wrong, of the payload that should not be there or is cut,
/// of what should follow the end; the end, where something is missing.
struct DecodeError {
  Error what{};
  std::size_t offset = 0;

  bool operator==(const DecodeError&) const = default;
};

/// Notes what is wrong, and is false. The readers of parts return true or what this returns, and fill a value that the
/// caller has and drops on false: a Result of each part would copy it, which is half the cost of a decode.
inline bool fail(DecodeError& error, Error what, std::size_t offset) {
  error = {what, offset};
  return false;
}

/// `truncated_header`: for people, counters and vectors. Lives as long as the program.
[[nodiscard]] std::string_view name(Error error);

}  // namespace wire
