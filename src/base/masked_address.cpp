#include "base/masked_address.hpp"

#include <bit>
#include <cstdint>

namespace base {

namespace {

// How many bits it takes to write the number.
unsigned bits(Uint128 number) {
  const auto high = static_cast<std::uint64_t>(number >> 64);
  return static_cast<unsigned>(high != 0 ? 64 + std::bit_width(high)
                                         : std::bit_width(static_cast<std::uint64_t>(number)));
}

}  // namespace

Prefix MaskedAddress::covering_prefix() const {
  return {address_, width(family()) - bits(all_ones(family()) & ~mask())};
}

std::optional<Prefix> MaskedAddress::prefix() const {
  const Prefix covering = covering_prefix();
  if (prefix_mask(family(), covering.length()) != mask()) return std::nullopt;
  return covering;
}

Result<MaskedAddress, TextError> MaskedAddress::parse(std::string_view text) {
  const auto slash = text.find('/');
  if (slash != std::string_view::npos) {
    const auto mask = Address::parse(text.substr(slash + 1));
    if (mask) {
      TED_TRY(const Address address, Address::parse(text.substr(0, slash)));
      if (address.family() != mask->family()) {
        return std::unexpected(
            TextError{"'" + std::string(text) + "' mixes IPv4 and IPv6", "address and mask are of one family"});
      }
      return MaskedAddress(address, mask->value());
    }
  }
  if (const auto mask = slash == std::string_view::npos ? "" : text.substr(slash + 1);
      mask.find_first_of(".:") != std::string_view::npos) {
    return std::unexpected(TextError{"'" + std::string(text) + "' has no valid mask: " + std::string(mask),
                                     "a mask is written like an address: 255.255.0.255 or ffff:ffff::ff"});
  }
  TED_TRY(const Prefix prefix, Prefix::parse(text));
  return MaskedAddress(prefix);
}

std::string MaskedAddress::text() const {
  if (const auto as_prefix = prefix()) return as_prefix->text();
  return address_.text() + "/" + Address(family(), mask()).text();
}

}  // namespace base
