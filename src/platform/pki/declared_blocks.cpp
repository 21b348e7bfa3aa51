#include "platform/pki/declared_blocks.hpp"

#include <array>
#include <openssl/err.h>
#include <utility>

#include "platform/pki/openssl.hpp"

namespace pki {

namespace {

constexpr int kAbsent = -1;      // of an extension
constexpr int kFamilyAlone = 2;  // bytes: two of the family, and a third one where a SAFI stands

base::Address address_of(base::Family family, const std::array<unsigned char, 16>& bytes) {
  return {family, base::Reader(bytes).number(base::octets(family))};
}

bool take(const IPAddressFamily& from, DeclaredBlocks& blocks) {
  const unsigned afi = X509v3_addr_get_afi(&from);
  if (ASN1_STRING_length(from.addressFamily) != kFamilyAlone || (afi != IANA_AFI_IPV4 && afi != IANA_AFI_IPV6))
    return true;
  const auto family = afi == IANA_AFI_IPV4 ? base::Family::kV4 : base::Family::kV6;
  if (from.ipAddressChoice->type == IPAddressChoice_inherit) {
    (family == base::Family::kV4 ? blocks.inherits_v4 : blocks.inherits_v6) = true;
    return true;
  }
  const IPAddressOrRanges* all = from.ipAddressChoice->u.addressesOrRanges;
  for (int i = 0; i < sk_IPAddressOrRange_num(all); ++i) {
    std::array<unsigned char, 16> first{};
    std::array<unsigned char, 16> last{};
    const int octets = X509v3_addr_get_range(sk_IPAddressOrRange_value(all, i), afi, first.data(), last.data(), 16);
    if (octets != static_cast<int>(base::octets(family))) return false;
    blocks.explicit_ones.add(base::AddressRange{address_of(family, first), address_of(family, last)});
  }
  return true;
}

}  // namespace

base::Result<std::optional<DeclaredBlocks>, Error> declared_blocks(const Certificate& certificate) {
  int found = 0;
  const BlocksPtr all(
      static_cast<IPAddrBlocks*>(X509_get_ext_d2i(certificate.handle(), NID_sbgp_ipAddrBlock, &found, nullptr)));
  if (!all && found == kAbsent) return std::nullopt;
  bool fine = all && X509v3_addr_is_canonical(all.get()) == 1;
  DeclaredBlocks blocks;
  for (int i = 0; fine && i < sk_IPAddressFamily_num(all.get()); ++i) {
    fine = take(*sk_IPAddressFamily_value(all.get(), i), blocks);
  }
  if (fine) return blocks;
  ERR_clear_error();
  return std::unexpected(Error{ErrorCode::kMalformed, certificate.subject() + " has damaged address blocks"});
}

}  // namespace pki
