#include "wire/vendor.hpp"

#include <algorithm>
#include <array>

#include "wire/layout.hpp"

namespace wire {

namespace {

struct Vendor {
  VendorHash hash;
  Kind kind;
};

constexpr std::array kVendors{
    Vendor{kSummaryHash, Kind::kSummary},
    Vendor{kCapabilitiesHash, Kind::kCapabilities},
    Vendor{kProxyHash, Kind::kProxy},
    Vendor{kPaddingHash, Kind::kPadding},
};

constexpr std::size_t kLengthAt = 2;

}  // namespace

Kind kind_of(const Payload& payload) {
  if (payload.type == static_cast<std::uint8_t>(PayloadType::kId)) return Kind::kId;
  if (payload.type != static_cast<std::uint8_t>(PayloadType::kVendor)) return Kind::kOther;
  if (payload.body.size() < kHashLength) return Kind::kOther;
  for (const Vendor& vendor : kVendors) {
    if (std::ranges::equal(payload.body.first(kHashLength), vendor.hash)) return vendor.kind;
  }
  return Kind::kOther;
}

base::Result<Capabilities, DecodeError> decode_capabilities(const Payload& payload) {
  base::Reader reader(payload.body.subspan(kHashLength));
  const Capabilities capabilities{reader.u32()};
  if (reader.failed() || reader.remaining() != 0) return payload.error(Error::kVendorLength, kLengthAt);
  return capabilities;
}

void encode_capabilities(Capabilities capabilities, ChainWriter& out) {
  out.begin(PayloadType::kVendor, kCapabilitiesLength);
  out.append(kCapabilitiesHash);
  out.u32(capabilities.bits);
}

void encode_padding(std::size_t length, ChainWriter& out) {
  out.begin(PayloadType::kVendor, length);
  out.append(kPaddingHash);
  out.skip(length - kBareVendorLength);
}

}  // namespace wire
