#include "base/offer.hpp"

#include <algorithm>

namespace base {

Offer Offer::mirrored() const {
  Offer other{proxy.mirrored(), {}};
  other.exempt.reserve(exempt.size());
  for (const Selector& line : exempt) other.exempt.push_back(line.mirrored());
  return other;
}

bool Offer::contains(const Flow& flow) const {
  return proxy.contains(flow) &&
         std::ranges::none_of(exempt, [&flow](const Selector& line) { return line.contains(flow); });
}

}  // namespace base
