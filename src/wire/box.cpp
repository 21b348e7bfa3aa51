#include "wire/box.hpp"

#include "wire/layout.hpp"

namespace wire {

namespace {

constexpr std::uint8_t kIpVersion4 = 4;
constexpr std::uint8_t kIpVersion6 = 6;

}  // namespace

bool decode_box(const Payload& payload, const BoxErrors& errors, std::size_t (*length_of)(base::Family),
                std::uint8_t known_flags, Box& box, DecodeError& error) {
  base::Reader reader(payload.body.subspan(kHashLength));
  const std::uint32_t fixed = reader.u32();  // all four bytes: one read
  const auto version = static_cast<std::uint8_t>(fixed >> 24);
  const auto ip_version = static_cast<std::uint8_t>(fixed >> 16);
  box.flags = static_cast<std::uint8_t>(fixed);
  box.protocol = static_cast<std::uint8_t>(fixed >> 8);
  if (reader.failed()) return payload.fail(error, errors.length, kPayloadLengthAt);
  if (version != kDiscoveryVersion) return payload.fail(error, errors.version, kBoxVersionAt);
  if (ip_version != kIpVersion4 && ip_version != kIpVersion6)
    return payload.fail(error, errors.ip_version, kBoxIpVersionAt);
  box.family = ip_version == kIpVersion4 ? base::Family::kV4 : base::Family::kV6;
  if (length_of != nullptr && payload.body.size() + kPayloadHeaderLength != length_of(box.family)) {
    return payload.fail(error, errors.length, kPayloadLengthAt);
  }
  if ((box.flags & ~known_flags) != 0) return payload.fail(error, errors.reserved_set, kBoxFlagsAt);
  return true;
}

void begin_box(const VendorHash& hash, Box box, std::size_t length, ChainWriter& out) {
  out.begin(PayloadType::kVendor, length);
  out.append(hash);
  const unsigned ip_version = box.family == base::Family::kV4 ? kIpVersion4 : kIpVersion6;
  out.u32(unsigned{kDiscoveryVersion} << 24 | ip_version << 16 | unsigned{box.protocol} << 8 | box.flags);
}

}  // namespace wire
