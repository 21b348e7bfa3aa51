#include "base/address_set.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace base {

namespace {

AddressRange range_of(const Prefix& prefix) {
  const Family family = prefix.family();
  const Uint128 hosts = all_ones(family) & ~prefix_mask(family, prefix.length());
  return {prefix.network(), Address(family, prefix.network().value() | hosts)};
}

/// The one that begins right behind `left`, or before its end, belongs to it.
bool touches(const AddressRange& left, const AddressRange& right) {
  if (left.last.family() != right.first.family()) return false;
  return right.first <= left.last || right.first.value() - 1 == left.last.value();
}

unsigned trailing_zeros(Uint128 value) {
  const auto low = static_cast<std::uint64_t>(value);
  return low != 0 ? static_cast<unsigned>(std::countr_zero(low))
                  : 64 + static_cast<unsigned>(std::countr_zero(static_cast<std::uint64_t>(value >> 64)));
}

/// The largest prefix that begins with the range and ends in it.
Prefix first_prefix(const AddressRange& range) {
  const Family family = range.first.family();
  const Uint128 first = range.first.value();
  unsigned host_bits = first == 0 ? width(family) : std::min(width(family), trailing_zeros(first));
  for (;; --host_bits) {
    const Prefix prefix(range.first, width(family) - host_bits);
    if (range_of(prefix).last <= range.last) return prefix;
  }
}

}  // namespace

void AddressSet::add(const AddressRange& range) {
  if (range.first.family() != range.last.family() || range.last < range.first) return;
  ranges_.insert(std::ranges::upper_bound(ranges_, range), range);
  std::vector<AddressRange> joined;
  for (const AddressRange& one : ranges_) {
    if (!joined.empty() && touches(joined.back(), one)) {
      joined.back().last = std::max(joined.back().last, one.last);
    } else {
      joined.push_back(one);
    }
  }
  ranges_ = std::move(joined);
}

void AddressSet::add(const Prefix& prefix) {
  add(range_of(prefix));
}

bool AddressSet::covers(const AddressRange& range) const {
  return std::ranges::any_of(ranges_, [&range](const AddressRange& one) {
    return one.first.family() == range.first.family() && one.first <= range.first && range.last <= one.last;
  });
}

bool AddressSet::covers(const Prefix& prefix) const {
  return covers(range_of(prefix));
}

bool AddressSet::covers(const AddressSet& other) const {
  return std::ranges::all_of(other.ranges_, [this](const AddressRange& one) { return covers(one); });
}

bool AddressSet::covers(const MaskedAddress& masked) const {
  const Uint128 free_bits = all_ones(masked.family()) & ~masked.mask();
  return covers(AddressRange{masked.address(), Address(masked.family(), masked.address().value() | free_bits)});
}

AddressSet AddressSet::common(const AddressSet& other) const {
  AddressSet both;
  for (const AddressRange& one : ranges_) {
    for (const AddressRange& another : other.ranges_) {
      if (one.first.family() != another.first.family()) continue;
      both.add(AddressRange{std::max(one.first, another.first), std::min(one.last, another.last)});
    }
  }
  return both;
}

std::vector<Prefix> AddressSet::prefixes() const {
  std::vector<Prefix> all;
  for (AddressRange rest : ranges_) {
    for (;;) {
      all.push_back(first_prefix(rest));
      const Address end = range_of(all.back()).last;
      if (end == rest.last) break;
      rest.first = Address(end.family(), end.value() + 1);
    }
  }
  return all;
}

std::string AddressSet::text() const {
  std::string all;
  for (const AddressRange& range : ranges_) {
    const Prefix prefix = first_prefix(range);
    const bool whole = range_of(prefix).last == range.last;
    all += (all.empty() ? "" : ", ") + (whole ? prefix.text() : range.first.text() + "-" + range.last.text());
  }
  return all.empty() ? "nothing" : all;
}

}  // namespace base
