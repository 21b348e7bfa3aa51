#include "policy/join.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <tuple>

#include "policy/port_sets.hpp"

namespace policy {

namespace {

using base::PortRange;

template <class Word>
std::optional<Piece<Word>> joined(const Piece<Word>& one, const Piece<Word>& other, DataPlane plane) {
  const bool same_address = one.value == other.value && one.mask == other.mask;
  if (same_address && static_cast<std::uint32_t>(one.port.hi) + 1 == other.port.lo) {
    const PortRange range{one.port.lo, other.port.hi};
    if (is_expressible(range, plane)) return Piece<Word>{one.value, one.mask, range};
  }
  if (one.port != other.port || one.mask != other.mask || one.mask == 0) return std::nullopt;
  const Word lowest = one.mask & (~one.mask + 1);
  if ((one.value ^ other.value) != lowest) return std::nullopt;
  return Piece<Word>{static_cast<Word>(one.value & ~lowest), static_cast<Word>(one.mask & ~lowest), one.port};
}

template <class Word>
bool join_neighbours(std::vector<Piece<Word>>& pieces, DataPlane plane) {
  std::size_t kept = 1;
  for (std::size_t i = 1; i < pieces.size(); ++i) {
    if (const auto one = joined(pieces[kept - 1], pieces[i], plane)) {
      pieces[kept - 1] = *one;
    } else {
      pieces[kept++] = pieces[i];
    }
  }
  const bool changed = kept < pieces.size();
  pieces.resize(kept);
  return changed;
}

}  // namespace

template <class Word>
void join(std::vector<Piece<Word>>& pieces, DataPlane plane) {
  const auto by_port = [](const Piece<Word>& piece) {
    return std::tuple(piece.port.lo, piece.port.hi, piece.mask, piece.value);
  };
  for (bool changed = pieces.size() > 1; changed;) {
    std::ranges::sort(pieces, {}, key_of<Word>);
    changed = join_neighbours(pieces, plane);
    std::ranges::sort(pieces, {}, by_port);
    changed = join_neighbours(pieces, plane) || changed;
  }
}

template void join(std::vector<Piece<std::uint32_t>>&, DataPlane);
template void join(std::vector<Piece<base::Uint128>>&, DataPlane);

}  // namespace policy
