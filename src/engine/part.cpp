#include "engine/part.hpp"

#include <algorithm>

namespace engine {

namespace {

/// What of one end is allowed.
std::vector<base::SelectorEnd> parts_of(const base::SelectorEnd& end, const base::AddressSet& allowed) {
  if (allowed.covers(end.address)) return {end};
  const auto prefix = end.address.prefix();
  if (!prefix) return {};
  base::AddressSet whole;
  whole.add(*prefix);
  std::vector<base::SelectorEnd> parts;
  for (const base::Prefix& part : whole.common(allowed).prefixes()) parts.push_back({part, end.port});
  return parts;
}

}  // namespace

std::optional<base::SelectorList> part_within(const base::SelectorList& agreed, const base::AddressSet& allowed,
                                              const base::Flow& flow, std::size_t most) {
  base::SelectorList part = agreed;
  part.remote.clear();
  for (const base::SelectorEnd& end : agreed.remote) {
    const auto parts = parts_of(end, allowed);
    part.remote.insert(part.remote.end(), parts.begin(), parts.end());
  }
  const auto around = std::ranges::find_if(part.remote, [&](const base::SelectorEnd& end) {
    base::SelectorList alone = agreed;
    alone.remote = {end};
    return alone.contains(flow);
  });
  if (around == part.remote.end()) return std::nullopt;
  if (part.remote.size() > most) part.remote = {base::SelectorEnd(*around)};
  return part;
}

}  // namespace engine
