// A set of addresses of both families.
#pragma once

#include <compare>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/masked_address.hpp"
#include "base/prefix.hpp"

namespace base {

/// From `first` to `last`, both included; of one family, and not reversed.
struct AddressRange {
  Address first;
  Address last;

  auto operator<=>(const AddressRange&) const = default;
};

/// Ranges that are ascending, disjoint and as few as can be: equal sets compare equal. It grows with each add(), so the
/// caller bounds what it adds.
class AddressSet {
 public:
  AddressSet() = default;

  /// Takes in what is there already or not; a reversed range, or one of two families, adds nothing.
  void add(const AddressRange& range);
  void add(const Prefix& prefix);

  [[nodiscard]] bool empty() const { return ranges_.empty(); }
  [[nodiscard]] const std::vector<AddressRange>& ranges() const { return ranges_; }

  [[nodiscard]] bool contains(const Address& address) const { return covers(AddressRange{address, address}); }
  /// True when every address of the range, prefix or set is in this one.
  [[nodiscard]] bool covers(const AddressRange& range) const;
  [[nodiscard]] bool covers(const Prefix& prefix) const;
  [[nodiscard]] bool covers(const AddressSet& other) const;
  /// True when all is in it that lies between the lowest and the highest address of that mask: a mask that is no prefix
  /// may be answered with false though the set has all of its addresses, never the other way round.
  [[nodiscard]] bool covers(const MaskedAddress& masked) const;

  /// The addresses that are in both.
  [[nodiscard]] AddressSet common(const AddressSet& other) const;
  /// The same addresses in prefixes, ascending, as few as can be: at most 2 × width for each range.
  [[nodiscard]] std::vector<Prefix> prefixes() const;
  /// `10.1.0.0/16, 10.2.0.3-10.2.0.9`; `nothing` when it is empty.
  [[nodiscard]] std::string text() const;

  bool operator==(const AddressSet&) const = default;

 private:
  std::vector<AddressRange> ranges_;
};

}  // namespace base
