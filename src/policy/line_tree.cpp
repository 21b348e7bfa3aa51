#include "policy/line_tree.hpp"

#include <utility>

namespace policy {

namespace {

// True when the highest bit of `one` is below that of `other`.
template <class Word>
bool is_shorter(Word one, Word other) {
  return one < other && one < (one ^ other);
}

// The order of Morton: by the bits of both addresses in turn, so that lines near each other are near in both. What
// leaves a side open comes apart from the rest, or boxes around it would leave that side open too.
template <class Word>
bool is_before(const Row<Word>& one, const Row<Word>& other) {
  const auto open_sides = [](const Row<Word>& row) { return std::pair(row.local_mask == 0, row.remote_mask == 0); };
  if (open_sides(one) != open_sides(other)) return open_sides(one) < open_sides(other);
  const Word local = one.local ^ other.local;
  const Word remote = one.remote ^ other.remote;
  if (local == 0 && remote == 0) return one.rule < other.rule;
  return is_shorter(local, remote) ? one.remote < other.remote : one.local < other.local;
}

// The smallest box around both.
template <class Word>
void extend(Row<Word>& box, const Row<Word>& row) {
  const auto narrow = [](auto& value, auto& mask, auto other_value, auto other_mask) {
    using Bits = std::remove_reference_t<decltype(mask)>;
    mask = static_cast<Bits>(mask & other_mask & static_cast<Bits>(~(value ^ other_value)));
    value = static_cast<Bits>(value & mask);
  };
  narrow(box.local, box.local_mask, row.local, row.local_mask);
  narrow(box.remote, box.remote_mask, row.remote, row.remote_mask);
  narrow(box.protocol, box.protocol_mask, row.protocol, row.protocol_mask);
  box.local_port = {std::min(box.local_port.lo, row.local_port.lo), std::max(box.local_port.hi, row.local_port.hi)};
  box.remote_port = {std::min(box.remote_port.lo, row.remote_port.lo),
                     std::max(box.remote_port.hi, row.remote_port.hi)};
  box.rule = std::min(box.rule, row.rule);
}

}  // namespace

template <class Word>
LineTree<Word>::LineTree(std::vector<Row<Word>> rows) {
  if (rows.empty()) return;
  std::ranges::sort(rows, is_before<Word>);
  levels_.push_back(std::move(rows));
  while (levels_.back().size() > kFanOut) {
    const auto& below = levels_.back();
    std::vector<Row<Word>> boxes;
    boxes.reserve((below.size() + kFanOut - 1) / kFanOut);
    for (std::size_t i = 0; i < below.size(); ++i) {
      if (i % kFanOut == 0) boxes.push_back(below[i]);
      extend(boxes.back(), below[i]);
    }
    levels_.push_back(std::move(boxes));
  }
}

template class LineTree<std::uint32_t>;
template class LineTree<base::Uint128>;

}  // namespace policy
