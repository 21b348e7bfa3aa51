#include "config/address_list.hpp"

#include <string>
#include <utility>

namespace config {

namespace {

using base::Address;
using base::MaskedAddress;
using base::TextError;
using base::Uint128;

std::string quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

base::Result<std::vector<MaskedAddress>, TextError> parse_range(std::string_view text, std::size_t dash) {
  TED_TRY(const Address first, Address::parse(trimmed(text.substr(0, dash))));
  TED_TRY(const Address last, Address::parse(trimmed(text.substr(dash + 1))));
  if (first.family() != last.family()) {
    return std::unexpected(TextError{"the range " + quoted(text) + " mixes IPv4 and IPv6", "write one range for each"});
  }
  if (last < first) {
    return std::unexpected(
        TextError{"the range " + quoted(text) + " is reversed", "write \"" + last.text() + "-" + first.text() + "\""});
  }
  const auto prefixes = prefixes_between(first, last);
  return std::vector<MaskedAddress>(prefixes.begin(), prefixes.end());
}

}  // namespace

std::vector<base::Prefix> prefixes_between(const Address& first, const Address& last) {
  const unsigned width = base::width(first.family());
  std::vector<base::Prefix> prefixes;
  Uint128 at = first.value();
  for (;;) {
    // The largest block that starts here and does not go beyond the end.
    unsigned length = width;
    while (length > 0) {
      const Uint128 host_bits = ~base::prefix_mask(first.family(), length - 1) & base::all_ones(first.family());
      if ((at & host_bits) != 0 || (at | host_bits) > last.value()) break;
      --length;
    }
    prefixes.emplace_back(Address(first.family(), at), length);
    const Uint128 end = at | (~base::prefix_mask(first.family(), length) & base::all_ones(first.family()));
    if (end == last.value()) return prefixes;
    at = end + 1;
  }
}

base::Result<std::vector<MaskedAddress>, TextError> parse_addresses(std::string_view text) {
  if (text == "any") {
    return std::vector{MaskedAddress::any(base::Family::kV4), MaskedAddress::any(base::Family::kV6)};
  }
  if (text.starts_with("any/")) {
    return std::unexpected(TextError{quoted(text) + " gives any a prefix length",
                                     "write \"any\" alone for every address, or a network such as 10.0.0.0/8"});
  }
  if (const auto dash = text.find('-'); dash != std::string_view::npos) return parse_range(text, dash);
  auto one = MaskedAddress::parse(text);
  if (!one) return std::unexpected(std::move(one).error());
  return std::vector{*one};
}

}  // namespace config
