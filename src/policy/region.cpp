#include "policy/region.hpp"

#include <algorithm>
#include <cstdint>

#include "policy/piece.hpp"
#include "policy/piece_cover.hpp"

namespace policy {

namespace {

using base::MaskedAddress;
using base::PortRange;
using base::SelectorEnd;

template <class Word>
bool covers_in(std::span<const SelectorEnd> ends, const SelectorEnd& end) {
  std::vector<Piece<Word>> pieces;
  for (const SelectorEnd& one : ends) {
    if (one.address.family() == end.address.family()) pieces.push_back(to_piece<Word>(one));
  }
  return covers<Word>(pieces, to_piece<Word>(end));
}

}  // namespace

bool covers(std::span<const SelectorEnd> ends, const SelectorEnd& end) {
  const auto covers_it = [&end](const SelectorEnd& one) {
    return one.port.covers(end.port) && one.address.covers(end.address);
  };
  if (std::ranges::any_of(ends, covers_it)) return true;
  return end.address.family() == base::Family::kV4 ? covers_in<std::uint32_t>(ends, end)
                                                   : covers_in<base::Uint128>(ends, end);
}

std::vector<SelectorEnd> ends_of(std::span<const MaskedAddress> addresses, PortRange port, base::Family family) {
  std::vector<SelectorEnd> ends;
  for (const MaskedAddress& address : addresses) {
    if (address.family() == family) ends.push_back({address, port});
  }
  return ends;
}

std::vector<SelectorEnd> intersect(std::span<const SelectorEnd> some, std::span<const SelectorEnd> others) {
  std::vector<SelectorEnd> out;
  for (const SelectorEnd& one : some) {
    for (const SelectorEnd& other : others) {
      const auto address = one.address.intersect(other.address);
      const auto port = one.port.intersect(other.port);
      if (address && port) out.push_back({*address, *port});
    }
  }
  return out;
}

MaskedAddress covering(std::span<const SelectorEnd> ends) {
  const base::Family family = ends.front().address.family();
  unsigned length = base::width(family);
  const base::Uint128 first = ends.front().address.address().value();
  for (const SelectorEnd& end : ends) {
    length = std::min(length, end.address.covering_prefix().length());
    while (((first ^ end.address.address().value()) & base::prefix_mask(family, length)) != 0) --length;
  }
  return {ends.front().address.address(), base::prefix_mask(family, length)};
}

double share(const SelectorEnd& end) {
  return end.address.family() == base::Family::kV4 ? to_piece<std::uint32_t>(end).share()
                                                   : to_piece<base::Uint128>(end).share();
}

}  // namespace policy
