// How addresses are written in a rule.
#pragma once

#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/masked_address.hpp"
#include "base/prefix.hpp"
#include "base/result.hpp"
#include "base/text_error.hpp"

namespace config {

/// The fewest prefixes that together are the addresses from `first` to `last`, in ascending order. Both are of one
/// family and first <= last; at most twice the family's width less two.
[[nodiscard]] std::vector<base::Prefix> prefixes_between(const base::Address& first, const base::Address& last);

/// One entry of `local` or `remote` that means the same everywhere: a prefix, an address, `a-b` (as prefixes),
/// `address/mask` with any mask, or `any` (both families).
[[nodiscard]] base::Result<std::vector<base::MaskedAddress>, base::TextError> parse_addresses(std::string_view text);

}  // namespace config
