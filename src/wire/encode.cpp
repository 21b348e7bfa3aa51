// Messages to datagrams: lengths first, so that every datagram is written in one go into one allocation.
#include <utility>
#include <variant>

#include "wire/chain_writer.hpp"
#include "wire/codec.hpp"
#include "wire/header.hpp"
#include "wire/identity.hpp"
#include "wire/layout.hpp"
#include "wire/limits.hpp"
#include "wire/offer.hpp"
#include "wire/proxy.hpp"
#include "wire/summary.hpp"
#include "wire/vendor.hpp"

namespace wire {

namespace {

// The payloads that both messages have, in their order on the wire.
template <class M>
std::size_t common_length(const M& message) {
  return kHeaderLength + (message.capabilities ? kCapabilitiesLength : 0) + id_length(message.gateway.family(), 1) +
         (message.half_proxy ? id_length(message.half_proxy->family(), 2) : 0);
}

template <class M>
void encode_common(const M& message, ChainWriter& out) {
  if (message.capabilities) encode_capabilities(*message.capabilities, out);
  encode_gateway(message.gateway, out);
  if (message.half_proxy) encode_half_proxy(*message.half_proxy, out);
}

std::size_t length_of(const Probe& probe) {
  return common_length(probe) + (probe.summary ? summary_length(probe.summary->source.family()) : 0);
}

std::size_t length_of(const Response& response) {
  return common_length(response) + (response.proxy ? proxy_length(response.proxy->family()) : 0) +
         (response.list ? offer_length(*response.list) : 0);
}

Header header_of(const Probe& probe) {
  return {probe.initiator_cookie, probe.echo, 0, Exchange::kProbe};
}

Header header_of(const Response& response) {
  return {response.initiator_cookie, response.responder_cookie, 0, Exchange::kResponse};
}

void encode_own(const Probe& probe, ChainWriter& out) {
  if (probe.summary) encode_summary(*probe.summary, out);
}

void encode_own(const Response& response, ChainWriter& out) {
  if (response.proxy) encode_proxy(*response.proxy, out);
  if (response.list) encode_offer(*response.list, out);
}

// `length` is length_of(message); `padding` is 0 or at least kBareVendorLength.
template <class M>
base::Bytes encode_padded(const M& message, std::size_t length, std::size_t padding) {
  ChainWriter out(length + padding, header_of(message));
  encode_common(message, out);
  encode_own(message, out);
  if (padding > 0) encode_padding(padding, out);
  return std::move(out).take();
}

}  // namespace

base::Bytes encode(const Probe& probe) {
  const std::size_t length = length_of(probe);
  static_assert(kPaddedProbeLength >= kLongestProbeLength + kBareVendorLength);
  return encode_padded(probe, length, kPaddedProbeLength - length);
}

base::Bytes encode_for_list(const Probe& probe) {
  const std::size_t length = length_of(probe);
  static_assert(list_probe_length(base::Family::kV4) > kPaddedProbeLength);
  return encode_padded(probe, length, list_probe_length(probe.summary->source.family()) - length);
}

base::Bytes encode(const Response& response) {
  return encode_padded(response, length_of(response), 0);
}

base::Bytes encode_within(const Response& response, std::size_t limit) {
  if (length_of(response) <= limit) return encode(response);
  if (response.asks_for_echo()) return {};  // there is nothing to leave out
  Response shorter = response;
  shorter.list.reset();
  if (length_of(shorter) <= limit) return encode(shorter);
  // In the draft form the half proxy is the answer itself.
  if (shorter.proxy) shorter.half_proxy.reset();
  if (length_of(shorter) > limit) shorter.capabilities.reset();
  if (length_of(shorter) > limit) return {};
  return encode(shorter);
}

std::size_t unpadded_length(const Message& message) {
  return std::visit([](const auto& either) { return length_of(either); }, message);
}

base::Bytes encode_exactly(const Message& message, std::size_t length) {
  const std::size_t needed = unpadded_length(message);
  if (length < needed || length > kMaxDatagramLength) return {};
  const std::size_t padding = length - needed;
  if (padding > 0 && padding < kBareVendorLength) return {};
  return std::visit([&](const auto& either) { return encode_padded(either, needed, padding); }, message);
}

}  // namespace wire
