// Laws of the codec: what was encoded is decoded, and no bytes at all make the decoder misbehave.
#include <algorithm>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "wire/codec.hpp"

namespace {

using base::Family;

wire::Cookie any_cookie() {
  wire::Cookie cookie{};
  for (auto& byte : cookie) byte = *rc::gen::arbitrary<std::uint8_t>();
  if (cookie == wire::Cookie{}) cookie[3] = 1;
  return cookie;
}

base::Uint128 any_bits() {
  return base::Uint128{*rc::gen::arbitrary<std::uint64_t>()} << 64 | *rc::gen::arbitrary<std::uint64_t>();
}

Family any_family() {
  return *rc::gen::element(Family::kV4, Family::kV6);
}

base::MaskedAddress any_masked(Family family) {
  return {base::Address(family, any_bits()), any_bits()};
}

base::Protocol any_protocol() {
  const auto number =
      *rc::gen::oneOf(rc::gen::element<std::uint8_t>(1, 6, 17, 58, 132), rc::gen::inRange<std::uint8_t>(1, 255));
  return static_cast<base::Protocol>(number);
}

std::uint16_t any_port(std::optional<base::Protocol> protocol) {
  if (!protocol) return 0;
  if (base::is_icmp(*protocol)) return *rc::gen::inRange<std::uint16_t>(0, 256);
  return base::has_ports(*protocol) ? *rc::gen::arbitrary<std::uint16_t>() : std::uint16_t{0};
}

base::PortRange any_range(std::optional<base::Protocol> protocol) {
  const bool has_part = protocol && (base::has_ports(*protocol) || base::is_icmp(*protocol));
  if (!has_part || *rc::gen::arbitrary<bool>()) return base::PortRange::any();
  return base::PortRange::only(*rc::gen::weightedElement<std::uint16_t>({{1, 0}, {4, any_port(protocol)}}));
}

std::optional<wire::Capabilities> any_capabilities() {
  if (!*rc::gen::arbitrary<bool>()) return std::nullopt;
  return wire::Capabilities{*rc::gen::arbitrary<std::uint32_t>()};
}

wire::Probe any_probe() {
  const Family inner = any_family();
  wire::Probe probe{any_cookie(), base::Address(any_family(), any_bits()), {}, any_capabilities(), {}};
  if (*rc::gen::arbitrary<bool>()) probe.half_proxy = any_masked(inner);
  if (*rc::gen::arbitrary<bool>()) {
    const auto protocol = any_protocol();
    probe.summary = base::Flow{base::Address(inner, any_bits()), base::Address(inner, any_bits()), protocol,
                               any_port(protocol), any_port(protocol)};
  }
  if (probe.has(wire::Capabilities::kEchoes) && *rc::gen::arbitrary<bool>()) probe.echo = any_cookie();
  return probe;
}

std::vector<base::SelectorEnd> any_ends(Family family, std::optional<base::Protocol> protocol) {
  std::vector<base::SelectorEnd> ends;
  for (int i = *rc::gen::inRange(1, 5); i > 0; --i) ends.push_back({any_masked(family), any_range(protocol)});
  return ends;
}

wire::ListOffer any_list(Family family, std::optional<base::Protocol> protocol) {
  wire::ListOffer list{{{protocol, any_ends(family, protocol), any_ends(family, protocol)}, {}},
                       *rc::gen::arbitrary<bool>()};
  for (int i = *rc::gen::inRange(0, 5); i > 0; --i) {
    list.offer.exempt.push_back(
        {protocol, any_masked(family), any_masked(family), any_range(protocol), any_range(protocol)});
  }
  return list;
}

wire::Response any_response() {
  const Family inner = any_family();
  wire::Response response{any_cookie(), any_cookie(),       base::Address(any_family(), any_bits()),
                          {},           any_capabilities(), {}};
  if (response.has(wire::Capabilities::kEchoes) && *rc::gen::arbitrary<bool>()) return response;  // asks for an echo
  const bool draft = *rc::gen::arbitrary<bool>();
  if (draft || *rc::gen::arbitrary<bool>()) response.half_proxy = any_masked(inner);
  if (!draft) {
    std::optional<base::Protocol> protocol;
    if (*rc::gen::arbitrary<bool>()) protocol = any_protocol();
    response.proxy =
        base::Selector{protocol, any_masked(inner), any_masked(inner), any_range(protocol), any_range(protocol)};
  }
  if (response.proxy && *rc::gen::arbitrary<bool>()) response.list = any_list(inner, response.proxy->protocol);
  return response;
}

RC_GTEST_PROP(RoundTrip, Probe, ()) {
  const auto probe = any_probe();
  const auto message = wire::decode(encode(probe));
  RC_ASSERT(message.has_value());
  RC_ASSERT(std::get<wire::Probe>(*message) == probe);
}

RC_GTEST_PROP(RoundTrip, Response, ()) {
  const auto response = any_response();
  const auto message = wire::decode(encode(response));
  RC_ASSERT(message.has_value());
  RC_ASSERT(std::get<wire::Response>(*message) == response);
}

RC_GTEST_PROP(RoundTrip, WithinIsWithinAndSaysTheSame, ()) {
  const auto response = any_response();
  const auto limit = *rc::gen::inRange<std::size_t>(0, 220);
  const auto datagram = encode_within(response, limit);
  if (datagram.empty()) {
    RC_ASSERT(limit < 144);  // the longest bare response: header, ID and proxy of IPv6
    return;
  }
  RC_ASSERT(datagram.size() <= limit);
  const auto message = wire::decode(datagram);
  RC_ASSERT(message.has_value());
  const auto& shorter = std::get<wire::Response>(*message);
  RC_ASSERT(shorter.gateway == response.gateway);
  RC_ASSERT(shorter.proxy == response.proxy);
  RC_ASSERT(response.proxy.has_value() || shorter.half_proxy == response.half_proxy);
}

// A byte changed anywhere: an error inside the datagram, or a message that can be encoded and decoded again.
RC_GTEST_PROP(RoundTrip, OneChangedByte, ()) {
  auto datagram = *rc::gen::arbitrary<bool>() ? encode(any_probe()) : encode(any_response());
  datagram[*rc::gen::inRange<std::size_t>(0, datagram.size())] = *rc::gen::arbitrary<std::uint8_t>();
  const auto message = wire::decode(datagram);
  if (!message) {
    RC_ASSERT(message.error().offset <= datagram.size());
    return;
  }
  const auto again = wire::decode(std::visit([](const auto& either) { return encode(either); }, *message));
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == *message);
}

}  // namespace
