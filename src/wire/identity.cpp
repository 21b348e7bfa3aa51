#include "wire/identity.hpp"

#include <array>

#include "wire/layout.hpp"

namespace wire {

namespace {

struct Shape {
  IdType type;
  base::Family family;
  bool has_mask;
};

constexpr std::array kShapes{
    Shape{IdType::kIpv4, base::Family::kV4, false},
    Shape{IdType::kIpv4Subnet, base::Family::kV4, true},
    Shape{IdType::kIpv6, base::Family::kV6, false},
    Shape{IdType::kIpv6Subnet, base::Family::kV6, true},
};

constexpr std::size_t kLengthAt = 2;
constexpr std::size_t kTypeAt = 4;
constexpr std::size_t kProtocolAt = 5;
constexpr std::size_t kPortAt = 6;

const Shape* find_shape(std::uint8_t type) {
  for (const Shape& shape : kShapes) {
    if (static_cast<std::uint8_t>(shape.type) == type) return &shape;
  }
  return nullptr;
}

struct Fields {
  const Shape* shape = nullptr;
  std::uint8_t protocol = 0;
  std::uint16_t port = 0;
  base::Uint128 address = 0;
  base::Uint128 mask = 0;
};

bool decode_fields(const Payload& payload, Fields& fields, DecodeError& error) {
  base::Reader reader(payload.body);
  const std::uint32_t fixed = reader.u32();  // type, protocol, port: one read
  const auto type = static_cast<std::uint8_t>(fixed >> 24);
  fields.protocol = static_cast<std::uint8_t>(fixed >> 16);
  fields.port = static_cast<std::uint16_t>(fixed);
  if (reader.failed()) return payload.fail(error, Error::kIdLength, kLengthAt);
  fields.shape = find_shape(type);
  if (fields.shape == nullptr) return payload.fail(error, Error::kIdTypeUnsupported, kTypeAt);
  const auto [id_type, family, has_mask] = *fields.shape;
  fields.address = reader.number(base::octets(family));
  fields.mask = has_mask ? reader.number(base::octets(family)) : base::all_ones(family);
  if (reader.failed() || reader.remaining() != 0) return payload.fail(error, Error::kIdLength, kLengthAt);
  return true;
}

void encode(IdType type, ChainWriter& out) {
  out.u32(static_cast<std::uint32_t>(type) << 24);  // protocol and port: 0
}

}  // namespace

bool decode_gateway(const Payload& payload, base::Address& gateway, DecodeError& error) {
  Fields fields;
  if (!decode_fields(payload, fields, error)) return false;
  if (fields.shape->has_mask) return payload.fail(error, Error::kIdNotAnAddress, kTypeAt);
  // RFC 2407 lets a phase 1 identity say "IKE, port 500" instead of nothing; it means the same here.
  if (fields.protocol != 0 && fields.protocol != kIkeProtocol)
    return payload.fail(error, Error::kIdProtocolSet, kProtocolAt);
  if (fields.port != 0 && fields.port != kIkePort) return payload.fail(error, Error::kIdPortSet, kPortAt);
  gateway = base::Address(fields.shape->family, fields.address);
  return true;
}

bool decode_half_proxy(const Payload& payload, std::optional<base::MaskedAddress>& half_proxy, DecodeError& error) {
  Fields fields;
  if (!decode_fields(payload, fields, error)) return false;
  // A half proxy that is limited to a protocol has no place in Message, and dropping the limit would widen it.
  if (fields.protocol != 0) return payload.fail(error, Error::kIdProtocolSet, kProtocolAt);
  if (fields.port != 0) return payload.fail(error, Error::kIdPortSet, kPortAt);
  half_proxy.emplace(base::Address(fields.shape->family, fields.address), fields.mask);
  return true;
}

void encode_gateway(const base::Address& gateway, ChainWriter& out) {
  out.begin(PayloadType::kId, id_length(gateway.family(), 1));
  encode(gateway.family() == base::Family::kV4 ? IdType::kIpv4 : IdType::kIpv6, out);
  out.bits(gateway.value(), gateway.family());
}

void encode_half_proxy(const base::MaskedAddress& half_proxy, ChainWriter& out) {
  const base::Family family = half_proxy.family();
  out.begin(PayloadType::kId, id_length(family, 2));
  encode(family == base::Family::kV4 ? IdType::kIpv4Subnet : IdType::kIpv6Subnet, out);
  out.bits(half_proxy.address().value(), half_proxy.mask(), family);
}

}  // namespace wire
