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

bool has_ports(const SelectorList& proxy) {
  const auto is_limited = [](const SelectorEnd& end) { return !end.port.is_any(); };
  return std::ranges::any_of(proxy.local, is_limited) || std::ranges::any_of(proxy.remote, is_limited);
}

std::size_t OfferRoom::taken_by(const Offer& offer) const {
  const bool with_ports = has_ports(offer.proxy);
  std::size_t taken = 0;
  for (const auto* ends : {&offer.proxy.local, &offer.proxy.remote}) {
    for (const SelectorEnd& end : *ends) taken += of_end(end, with_ports);
  }
  for (const Selector& line : offer.exempt) taken += of_exemption(line);
  return taken;
}

}  // namespace base
