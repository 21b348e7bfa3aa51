#include "wire/vendor.hpp"

#include <array>

#include "wire/layout.hpp"

namespace wire {

namespace {

// As numbers, so that comparing is two instructions.
constexpr base::Uint128 number_of(const VendorHash& hash) {
  return base::Reader(hash).number(kHashLength);
}

struct Vendor {
  base::Uint128 hash;
  Kind kind;
};

constexpr std::array kVendors{
    Vendor{number_of(kSummaryHash), Kind::kSummary}, Vendor{number_of(kCapabilitiesHash), Kind::kCapabilities},
    Vendor{number_of(kProxyHash), Kind::kProxy},     Vendor{number_of(kPaddingHash), Kind::kPadding},
    Vendor{number_of(kOfferHash), Kind::kOffer},     Vendor{number_of(kProofHash), Kind::kProof},
};

constexpr std::size_t kLengthAt = 2;

}  // namespace

Kind kind_of(const Payload& payload) {
  switch (static_cast<PayloadType>(payload.type)) {
    case PayloadType::kId: return Kind::kId;
    case PayloadType::kCertificate: return Kind::kCertificate;
    case PayloadType::kSignature: return Kind::kSignature;
    case PayloadType::kHash: return Kind::kKeyedHash;
    case PayloadType::kVendor: break;
    default: return Kind::kOther;
  }
  if (payload.body.size() < kHashLength) return Kind::kOther;
  const base::Uint128 hash = base::Reader(payload.body).number(kHashLength);
  for (const Vendor& vendor : kVendors) {
    if (vendor.hash == hash) return vendor.kind;
  }
  return Kind::kOther;
}

bool decode_capabilities(const Payload& payload, std::optional<Capabilities>& capabilities, DecodeError& error) {
  base::Reader reader(payload.body.subspan(kHashLength));
  capabilities = Capabilities{reader.u32()};
  if (reader.failed() || reader.remaining() != 0) return payload.fail(error, Error::kVendorLength, kLengthAt);
  return true;
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
