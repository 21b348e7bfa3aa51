// Datagrams to messages. What one payload says is read elsewhere; here stands which payloads a message is made of.
#include <array>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>

#include "wire/chain.hpp"
#include "wire/codec.hpp"
#include "wire/header.hpp"
#include "wire/identity.hpp"
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
constexpr bool is_probe = std::is_same_v<M, Probe>;

template <class M>
[[nodiscard]] Status count(const Payload& payload, Kind kind, Counts& counts) {
  const Occurrence& rule = kOccurrences[index(kind)];
  const std::uint8_t allowed = is_probe<M> ? rule.in_probe : rule.in_response;
  if (allowed == 0) return payload.error(rule.misplaced);
  if (counts[index(kind)] == allowed) return payload.error(rule.too_many);
  ++counts[index(kind)];
  return {};
}

// What only one of the messages has.
[[nodiscard]] Status take_own(const Payload& payload, Kind kind, Probe& probe) {
  return kind == Kind::kSummary ? decode_summary(payload, probe.summary) : Status{};
}
[[nodiscard]] Status take_own(const Payload& payload, Kind kind, Response& response) {
  return kind == Kind::kProxy ? decode_proxy(payload, response.proxy) : Status{};
}

// The first ID names the gateway, the second the half proxy.
template <class M>
[[nodiscard]] Status take(const Payload& payload, Kind kind, bool first_id, M& message) {
  if (kind == Kind::kCapabilities) return decode_capabilities(payload, message.capabilities);
  if (kind != Kind::kId) return take_own(payload, kind, message);
  return first_id ? decode_gateway(payload, message.gateway) : decode_half_proxy(payload, message.half_proxy);
}

[[nodiscard]] std::optional<base::Family> inner_family(const Probe& probe) {
  return probe.summary ? std::optional(probe.summary->source.family()) : std::nullopt;
}
[[nodiscard]] std::optional<base::Family> inner_family(const Response& response) {
  return response.proxy ? std::optional(response.proxy->family()) : std::nullopt;
}

// The rules that need the whole chain.
template <class M>
[[nodiscard]] Status check_whole(const M& message, bool has_gateway, std::size_t half_proxy_at, std::size_t end) {
  const auto error = [](Error what, std::size_t offset) { return std::unexpected(DecodeError{what, offset}); };
  if (!has_gateway) return error(Error::kMissingId, end);
  const auto family = inner_family(message);
  if (!is_probe<M> && !family && !message.half_proxy) return error(Error::kMissingHalfProxy, end);
  if (family && message.half_proxy && message.half_proxy->family() != *family) {
    return error(Error::kHalfProxyFamily, half_proxy_at);
  }
  return {};
}

template <class M>
[[nodiscard]] Status decode_payloads(base::ByteView datagram, const Header& header, M& message) {
  ChainReader chain(datagram, header.first_payload);
  Payload payload;
  Counts counts{};
  const std::uint8_t& ids = counts[index(Kind::kId)];
  std::size_t half_proxy_at = 0;
  while (!chain.done()) {
    if (auto status = chain.next(payload); !status) return status;
    const Kind kind = kind_of(payload);
    if (auto status = count<M>(payload, kind, counts); !status) return status;
    if (kind == Kind::kId) half_proxy_at = payload.offset;
    if (auto status = take(payload, kind, ids == 1, message); !status) return status;
  }
  if (auto status = chain.end(); !status) return status;
  return check_whole(message, ids > 0, half_proxy_at, datagram.size());
}

// Built in place: a message is some 300 bytes, and every copy of it would show in the cost of a probe.
template <class M>
[[nodiscard]] base::Result<Message, DecodeError> decode_message(base::ByteView datagram, const Header& header) {
  base::Result<Message, DecodeError> result(std::in_place, std::in_place_type<M>);
  M& message = *std::get_if<M>(&*result);
  message.initiator_cookie = header.initiator_cookie;
  if constexpr (!is_probe<M>) message.responder_cookie = header.responder_cookie;
  if (const auto status = decode_payloads(datagram, header, message); !status) {
    result = std::unexpected(status.error());
  }
  return result;
}

}  // namespace

base::Result<Message, DecodeError> decode(base::ByteView datagram) {
  Header header;
  if (const auto status = decode_header(datagram, header); !status) return std::unexpected(status.error());
  return header.exchange == Exchange::kProbe ? decode_message<Probe>(datagram, header)
                                             : decode_message<Response>(datagram, header);
}

}  // namespace wire
