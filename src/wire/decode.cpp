// Datagrams to messages. What one payload says is read elsewhere; here stands which payloads a message is made of.
#include <array>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>

#include "wire/box.hpp"
#include "wire/chain.hpp"
#include "wire/codec.hpp"
#include "wire/header.hpp"
#include "wire/identity.hpp"
#include "wire/offer.hpp"
#include "wire/proxy.hpp"
#include "wire/summary.hpp"
#include "wire/vendor.hpp"

namespace wire {

namespace {

// How often a payload may stand in each message, and what to call one too many or one in the wrong message.
struct Occurrence {
  Kind kind;
  std::uint8_t in_probe;
  std::uint8_t in_response;
  Error too_many;
  Error misplaced;
};

constexpr std::uint8_t kAny = std::numeric_limits<std::uint8_t>::max();  // the chain has its own limit

// In the order of Kind.
constexpr std::array kOccurrences{
    Occurrence{Kind::kOther, kAny, kAny, {}, {}},
    Occurrence{Kind::kPadding, kAny, kAny, {}, {}},
    Occurrence{Kind::kId, 2, 2, Error::kTooManyIds, {}},
    Occurrence{Kind::kCapabilities, 1, 1, Error::kDuplicateVendor, {}},
    Occurrence{Kind::kSummary, 1, 0, Error::kDuplicateSummary, Error::kSummaryInResponse},
    Occurrence{Kind::kProxy, 0, 1, Error::kDuplicateResponse, Error::kResponseInProbe},
    Occurrence{Kind::kOffer, 0, 1, Error::kDuplicateOffer, Error::kOfferInProbe},
    Occurrence{Kind::kProof, 1, 1, Error::kDuplicateProof, {}},
    Occurrence{Kind::kCertificate, kMaxCertificates, kMaxCertificates, Error::kTooManyCertificates, {}},
    Occurrence{Kind::kSignature, 1, 1, Error::kProofOrder, {}},
    Occurrence{Kind::kKeyedHash, 1, 1, Error::kProofOrder, {}},
};

constexpr std::size_t index(Kind kind) {
  return static_cast<std::size_t>(kind);
}

constexpr bool in_order() {
  for (std::size_t i = 0; i < kOccurrences.size(); ++i) {
    if (index(kOccurrences[i].kind) != i) return false;
  }
  return true;
}
static_assert(in_order());

using Counts = std::array<std::uint8_t, kOccurrences.size()>;

template <class M>
constexpr bool kIsProbe = std::is_same_v<M, Probe>;

template <class M>
[[nodiscard]] bool count(const Payload& payload, Kind kind, Counts& counts, DecodeError& error) {
  const Occurrence& rule = kOccurrences[index(kind)];
  const std::uint8_t allowed = kIsProbe<M> ? rule.in_probe : rule.in_response;
  if (allowed == 0) return payload.fail(error, rule.misplaced);
  if (counts[index(kind)] == allowed) return payload.fail(error, rule.too_many);
  ++counts[index(kind)];
  return true;
}

// Before a proof is opened its other payloads are anybody's, and skipped; behind it nothing else may stand.
[[nodiscard]] Kind in_context(Kind kind, const Counts& counts) {
  return kind >= Kind::kCertificate && counts[index(Kind::kProof)] == 0 ? Kind::kOther : kind;
}

[[nodiscard]] bool check_proof_part(const Payload& payload, Kind kind, Kind before, DecodeError& error) {
  if (kind == Kind::kProof) {
    return payload.body.size() == kHashLength + 8 || payload.fail(error, Error::kProofLength, kPayloadLengthAt);
  }
  // Kinds are in the order in which the parts stand, and only certificates repeat.
  if (kind < before || (kind == before && kind != Kind::kCertificate)) return payload.fail(error, Error::kProofOrder);
  if (kind == Kind::kCertificate) {
    const bool fine = payload.body.size() > 1 && payload.body[0] == kX509Signature;
    return fine || payload.fail(error, Error::kCertificateEncoding, kPayloadHeaderLength);
  }
  if (kind == Kind::kSignature) {
    return payload.body.size() + kPayloadHeaderLength == kSignatureLength ||
           payload.fail(error, Error::kSignatureLength, kPayloadLengthAt);
  }
  return payload.body.size() + kPayloadHeaderLength == kKeyedHashLength ||
         payload.fail(error, Error::kKeyedHashLength, kPayloadLengthAt);
}

// Certificates and signature go together, and something has to prove.
[[nodiscard]] bool is_complete(const Counts& counts) {
  const bool has_certificates = counts[index(Kind::kCertificate)] > 0;
  const bool has_signature = counts[index(Kind::kSignature)] > 0;
  if (counts[index(Kind::kProof)] == 0) return true;
  return has_certificates == has_signature && (has_signature || counts[index(Kind::kKeyedHash)] > 0);
}

// What only one of the messages has.
[[nodiscard]] bool take_own(const Payload& payload, Kind kind, Probe& probe, DecodeError& error) {
  return kind == Kind::kSummary ? decode_summary(payload, probe.summary, error) : true;
}
[[nodiscard]] bool take_own(const Payload& payload, Kind kind, Response& response, DecodeError& error) {
  if (kind == Kind::kOffer) return decode_offer(payload, response.list, error);
  return kind == Kind::kProxy ? decode_proxy(payload, response.proxy, error) : true;
}

// The first ID names the gateway, the second the half proxy.
template <class M>
[[nodiscard]] bool take(const Payload& payload, Kind kind, bool first_id, M& message, DecodeError& error) {
  if (kind == Kind::kCapabilities) return decode_capabilities(payload, message.capabilities, error);
  if (kind != Kind::kId) return take_own(payload, kind, message, error);
  return first_id ? decode_gateway(payload, message.gateway, error)
                  : decode_half_proxy(payload, message.half_proxy, error);
}

[[nodiscard]] std::optional<base::Family> inner_family(const Probe& probe) {
  return probe.summary ? std::optional(probe.summary->source.family()) : std::nullopt;
}
[[nodiscard]] std::optional<base::Family> inner_family(const Response& response) {
  return response.proxy ? std::optional(response.proxy->family()) : std::nullopt;
}

// The rules that need the whole chain.
template <class M>
[[nodiscard]] bool check_whole(const M& message, bool has_gateway, std::size_t half_proxy_at, std::size_t end,
                               DecodeError& error) {
  if constexpr (kIsProbe<M>) {
    if (message.echo != Cookie{} && !message.has(Capabilities::kEchoes)) {
      return fail(error, Error::kResponderCookieSet, kResponderCookieAt);
    }
  } else {
    const bool alone =
        message.list && (!message.proxy || message.proxy->family() != message.list->offer.proxy.family());
    if (alone) return fail(error, Error::kOfferAlone, end);
  }
  if (!has_gateway) return fail(error, Error::kMissingId, end);
  const auto family = inner_family(message);
  if (!kIsProbe<M> && !family && !message.half_proxy && !message.has(Capabilities::kEchoes)) {
    return fail(error, Error::kMissingHalfProxy, end);
  }
  if (family && message.half_proxy && message.half_proxy->family() != *family) {
    return fail(error, Error::kHalfProxyFamily, half_proxy_at);
  }
  return true;
}

template <class M>
[[nodiscard]] bool decode_payloads(base::ByteView datagram, const Header& header, M& message, DecodeError& error) {
  ChainReader chain(datagram, header.first_payload);
  Payload payload;
  Counts counts{};
  const std::uint8_t& ids = counts[index(Kind::kId)];
  std::size_t half_proxy_at = 0;
  Kind part = Kind::kProof;
  while (!chain.done()) {
    if (!chain.next(payload, error)) return false;
    const Kind kind = in_context(kind_of(payload), counts);
    const bool in_proof = counts[index(Kind::kProof)] > 0;
    if (in_proof && kind < Kind::kProof) return payload.fail(error, Error::kProofOrder);
    if (!count<M>(payload, kind, counts, error)) return false;
    if (kind >= Kind::kProof) {
      if (!check_proof_part(payload, kind, part, error)) return false;
      if (kind == Kind::kProof) message.proof_at = payload.offset;
      part = kind;
      continue;
    }
    if (kind == Kind::kId) half_proxy_at = payload.offset;
    if (!take(payload, kind, ids == 1, message, error)) return false;
  }
  if (!chain.end(error)) return false;
  if (!is_complete(counts)) return fail(error, Error::kProofIncomplete, datagram.size());
  return check_whole(message, ids > 0, half_proxy_at, datagram.size(), error);
}

// Built in place: a message is some 300 bytes, and every copy of it would show in the cost of a probe.
template <class M>
[[nodiscard]] base::Result<Message, DecodeError> decode_message(base::ByteView datagram, const Header& header) {
  base::Result<Message, DecodeError> result(std::in_place, std::in_place_type<M>);
  M& message = *std::get_if<M>(&*result);
  message.initiator_cookie = header.initiator_cookie;
  if constexpr (kIsProbe<M>) {
    message.echo = header.responder_cookie;
  } else {
    message.responder_cookie = header.responder_cookie;
  }
  DecodeError error;
  if (!decode_payloads(datagram, header, message, error)) result = std::unexpected(error);
  return result;
}

}  // namespace

base::Result<Message, DecodeError> decode(base::ByteView datagram) {
  Header header;
  DecodeError error;
  if (!decode_header(datagram, header, error)) return std::unexpected(error);
  return header.exchange == Exchange::kProbe ? decode_message<Probe>(datagram, header)
                                             : decode_message<Response>(datagram, header);
}

}  // namespace wire
