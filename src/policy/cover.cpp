#include "policy/cover.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <optional>
#include <set>
#include <utility>

#include "policy/piece.hpp"
#include "policy/rows.hpp"

namespace policy {

namespace {

using base::PortRange;

// How many divisions it takes until a part of `box` is all in `line`; 0: it is.
template <class Word>
int distance(const Row<Word>& box, const Row<Word>& line) {
  const auto missing = static_cast<std::uint8_t>(line.protocol_mask & ~box.protocol_mask);
  return ones(static_cast<Word>(line.local_mask & ~box.local_mask)) +
         ones(static_cast<Word>(line.remote_mask & ~box.remote_mask)) + std::popcount(missing) +
         (line.local_port.lo > box.local_port.lo) + (line.local_port.hi < box.local_port.hi) +
         (line.remote_port.lo > box.remote_port.lo) + (line.remote_port.hi < box.remote_port.hi);
}

// ICMP has types and codes up to 255 only: a line need not hold more to hold them all.
template <class Word>
Row<Word> settled(Row<Word> box) {
  if (box.protocol_mask == 255 && base::is_icmp(static_cast<base::Protocol>(box.protocol))) {
    box.local_port.hi = std::min<std::uint16_t>(box.local_port.hi, 255);
    box.remote_port.hi = std::min<std::uint16_t>(box.remote_port.hi, 255);
  }
  return box;
}

/// Two halves of a box.
template <class Word>
struct Halves {
  Row<Word> away;  ///< the line that divided it does not touch it
  Row<Word> near;
};

// Fixes the lowest bit that the line names and the box does not; false when there is none.
template <class Word, class Bits>
bool divide(Halves<Word>& halves, Bits Row<Word>::* value, Bits Row<Word>::* mask, const Row<Word>& line) {
  const auto open = static_cast<Bits>(line.*mask & static_cast<Bits>(~(halves.near.*mask)));
  if (open == 0) return false;
  const auto bit = static_cast<Bits>(open & static_cast<Bits>(~open + 1));
  const auto own = static_cast<Bits>(line.*value & bit);
  for (auto* half : {&halves.near, &halves.away}) half->*mask = static_cast<Bits>(half->*mask | bit);
  halves.near.*value = static_cast<Bits>(halves.near.*value | own);
  halves.away.*value = static_cast<Bits>(halves.away.*value | (own ^ bit));
  return true;
}

template <class Word>
bool divide(Halves<Word>& halves, PortRange Row<Word>::* ports, const Row<Word>& line) {
  const PortRange whole = halves.near.*ports;
  const PortRange wanted = line.*ports;
  if (wanted.lo > whole.lo) {
    (halves.away.*ports).hi = static_cast<std::uint16_t>(wanted.lo - 1);
    (halves.near.*ports).lo = wanted.lo;
    return true;
  }
  if (wanted.hi < whole.hi) {
    (halves.away.*ports).lo = static_cast<std::uint16_t>(wanted.hi + 1);
    (halves.near.*ports).hi = wanted.hi;
    return true;
  }
  return false;
}

// The protocol first: only a box of one protocol has ports that are not any.
template <class Word>
Halves<Word> halves_of(const Row<Word>& box, const Row<Word>& line) {
  using R = Row<Word>;
  Halves<Word> halves{box, box};
  if (!divide(halves, &R::protocol, &R::protocol_mask, line) && !divide(halves, &R::local, &R::local_mask, line) &&
      !divide(halves, &R::remote, &R::remote_mask, line) && !divide(halves, &R::local_port, line)) {
    divide(halves, &R::remote_port, line);
  }
  return {settled(halves.away), settled(halves.near)};
}

template <class Word>
class Subtraction {
 public:
  Subtraction(std::span<const Row<Word>> rows, std::size_t& work) : rows_(rows), work_(work) {}

  [[nodiscard]] Coverage run(const Row<Word>& box) {
    std::vector<std::size_t> all(rows_.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    return subtract(settled(box), all);
  }

  /// Lines that together cover it, when they do.
  [[nodiscard]] const std::set<std::size_t>& used() const { return used_; }
  /// A part that no line touches, when they do not.
  [[nodiscard]] const std::optional<Row<Word>>& rest() const { return rest_; }

 private:
  Coverage subtract(const Row<Word>& box, const std::vector<std::size_t>& candidates) {
    if (candidates.size() > work_) return Coverage::kUnknown;
    work_ -= candidates.size();
    std::vector<std::size_t> touching;
    std::pair<int, std::size_t> nearest{1 << 16, 0};
    for (const std::size_t line : candidates) {
      if (!rows_[line].overlaps(box)) continue;
      touching.push_back(line);
      nearest = std::min(nearest, {distance(box, rows_[line]), line});
      if (nearest.first == 0) {
        used_.insert(line);
        return Coverage::kWhole;
      }
    }
    if (touching.empty()) {
      rest_ = box;
      return Coverage::kPart;
    }
    const auto halves = halves_of(box, rows_[nearest.second]);
    const Coverage away = subtract(halves.away, touching);
    return away == Coverage::kWhole ? subtract(halves.near, touching) : away;
  }

  std::span<const Row<Word>> rows_;
  std::size_t& work_;
  std::set<std::size_t> used_;
  std::optional<Row<Word>> rest_;
};

}  // namespace

template <class Word>
Cover cover(const Row<Word>& box, std::span<const Row<Word>> lines, std::size_t& work) {
  Subtraction<Word> subtraction(lines, work);
  const Coverage coverage = subtraction.run(box);
  if (coverage != Coverage::kWhole) return {coverage, {}};
  return {coverage, {subtraction.used().begin(), subtraction.used().end()}};
}

template <class Word>
Coverage cover(const Row<Word>& box, std::span<const Row<Word>> lines, std::size_t& work,
               std::optional<Row<Word>>& rest) {
  Subtraction<Word> subtraction(lines, work);
  const Coverage coverage = subtraction.run(box);
  if (coverage == Coverage::kPart) rest = subtraction.rest();
  return coverage;
}

template Cover cover(const Row<std::uint32_t>&, std::span<const Row<std::uint32_t>>, std::size_t&);
template Cover cover(const Row<base::Uint128>&, std::span<const Row<base::Uint128>>, std::size_t&);
template Coverage cover(const Row<std::uint32_t>&, std::span<const Row<std::uint32_t>>, std::size_t&,
                        std::optional<Row<std::uint32_t>>&);
template Coverage cover(const Row<base::Uint128>&, std::span<const Row<base::Uint128>>, std::size_t&,
                        std::optional<Row<base::Uint128>>&);

}  // namespace policy
