// Datagrams to messages. What one payload says is read elsewhere; here stands which payloads a message is made of.
#include <array>
#include <optional>

#include "wire/chain.hpp"
#include "wire/codec.hpp"
#include "wire/header.hpp"
#include "wire/identity.hpp"
#include "wire/proxy.hpp"
#include "wire/summary.hpp"
#include "wire/vendor.hpp"

namespace wire {

namespace {

// How often a payload may stand in each message, and what to call one too many. Where both names are the same the
// payload belongs to both messages.
struct Occurrence {
  Kind kind;
  std::uint8_t in_probe;
  std::uint8_t in_response;
  Error too_many;
  Error misplaced;
};

constexpr std::array kOccurrences{
    Occurrence{Kind::kId, 2, 2, Error::kTooManyIds, Error::kTooManyIds},
    Occurrence{Kind::kCapabilities, 1, 1, Error::kDuplicateVendor, Error::kDuplicateVendor},
    Occurrence{Kind::kSummary, 1, 0, Error::kDuplicateSummary, Error::kSummaryInResponse},
    Occurrence{Kind::kProxy, 0, 1, Error::kDuplicateResponse, Error::kResponseInProbe},
};

using Counts = std::array<std::uint8_t, kOccurrences.size()>;

// What was found in the chain, in whatever order it stood there.
struct Contents {
  std::optional<base::Address> gateway;
  std::optional<base::MaskedAddress> half_proxy;
  std::size_t half_proxy_offset = 0;
  std::optional<Capabilities> capabilities;
  std::optional<base::Flow> summary;
  std::optional<base::Selector> proxy;
};

using Status = base::Result<void, DecodeError>;

[[nodiscard]] Status count(const Payload& payload, Kind kind, Exchange exchange, Counts& counts) {
  for (std::size_t i = 0; i < kOccurrences.size(); ++i) {
    const Occurrence& rule = kOccurrences[i];
    if (rule.kind != kind) continue;
    const std::uint8_t allowed = exchange == Exchange::kProbe ? rule.in_probe : rule.in_response;
    if (allowed == 0) return payload.error(rule.misplaced);
    if (counts[i] == allowed) return payload.error(rule.too_many);
    ++counts[i];
    return {};
  }
  return {};
}

template <class T, class Value>
[[nodiscard]] Status store(std::optional<T>& place, base::Result<Value, DecodeError>&& value) {
  if (!value) return std::unexpected(value.error());
  place = *std::move(value);
  return {};
}

[[nodiscard]] Status take(const Payload& payload, Kind kind, Contents& contents) {
  switch (kind) {
    case Kind::kId:
      if (!contents.gateway) return store(contents.gateway, decode_gateway(payload));
      contents.half_proxy_offset = payload.offset;
      return store(contents.half_proxy, decode_half_proxy(payload));
    case Kind::kCapabilities: return store(contents.capabilities, decode_capabilities(payload));
    case Kind::kSummary: return store(contents.summary, decode_summary(payload));
    case Kind::kProxy: return store(contents.proxy, decode_proxy(payload));
    case Kind::kPadding:
    case Kind::kOther: break;
  }
  return {};
}

// The rules that need the whole chain.
[[nodiscard]] Status check_whole(const Contents& contents, Exchange exchange, std::size_t end) {
  const auto error = [](Error what, std::size_t offset) { return std::unexpected(DecodeError{what, offset}); };
  if (!contents.gateway) return error(Error::kMissingId, end);
  if (exchange == Exchange::kResponse && !contents.proxy && !contents.half_proxy) {
    return error(Error::kMissingHalfProxy, end);
  }
  if (!contents.half_proxy) return {};
  const base::Family family = contents.half_proxy->family();
  if ((contents.summary && contents.summary->source.family() != family) ||
      (contents.proxy && contents.proxy->family() != family)) {
    return error(Error::kHalfProxyFamily, contents.half_proxy_offset);
  }
  return {};
}

[[nodiscard]] base::Result<Contents, DecodeError> decode_chain(base::ByteView datagram, const Header& header) {
  ChainReader chain(datagram, header.first_payload);
  Contents contents;
  Counts counts{};
  while (!chain.done()) {
    TED_TRY(const Payload payload, chain.next());
    const Kind kind = kind_of(payload);
    if (const Status status = count(payload, kind, header.exchange, counts); !status) {
      return std::unexpected(status.error());
    }
    if (const Status status = take(payload, kind, contents); !status) return std::unexpected(status.error());
  }
  TED_TRY(const std::size_t end, chain.end());
  if (const Status status = check_whole(contents, header.exchange, end); !status) {
    return std::unexpected(status.error());
  }
  return contents;
}

}  // namespace

base::Result<Message, DecodeError> decode(base::ByteView datagram) {
  TED_TRY(const Header header, decode_header(datagram));
  TED_TRY(const Contents found, decode_chain(datagram, header));
  if (header.exchange == Exchange::kProbe) {
    return Probe{header.initiator_cookie, *found.gateway, found.half_proxy, found.capabilities, found.summary};
  }
  return Response{header.initiator_cookie, header.responder_cookie, *found.gateway,
                  found.half_proxy,        found.capabilities,      found.proxy};
}

}  // namespace wire
