// Messages to datagrams: lengths first, so that every datagram is written in one go into one allocation.
#include <algorithm>

#include "wire/chain_writer.hpp"
#include "wire/codec.hpp"
#include "wire/header.hpp"
#include "wire/identity.hpp"
#include "wire/layout.hpp"
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

std::size_t length_of(const Response& response) {
  return common_length(response) + (response.proxy ? proxy_length(response.proxy->family()) : 0);
}

std::size_t padding_of(std::size_t length) {
  return length < kPaddedProbeLength ? std::max(kPaddedProbeLength - length, kBareVendorLength) : 0;
}

}  // namespace

base::Bytes encode(const Probe& probe) {
  const std::size_t length =
      common_length(probe) + (probe.summary ? summary_length(probe.summary->source.family()) : 0);
  const std::size_t padding = padding_of(length);
  ChainWriter out(length + padding, {probe.initiator_cookie, {}, 0, Exchange::kProbe});
  encode_common(probe, out);
  if (probe.summary) encode_summary(*probe.summary, out);
  if (padding > 0) encode_padding(padding, out);
  return std::move(out).take();
}

base::Bytes encode(const Response& response) {
  ChainWriter out(length_of(response), {response.initiator_cookie, response.responder_cookie, 0, Exchange::kResponse});
  encode_common(response, out);
  if (response.proxy) encode_proxy(*response.proxy, out);
  return std::move(out).take();
}

base::Bytes encode_within(const Response& response, std::size_t limit) {
  if (length_of(response) <= limit) return encode(response);
  Response shorter = response;
  // In the draft form the half proxy is the answer itself.
  if (shorter.proxy) shorter.half_proxy.reset();
  if (length_of(shorter) > limit) shorter.capabilities.reset();
  if (length_of(shorter) > limit) return {};
  return encode(shorter);
}

}  // namespace wire
