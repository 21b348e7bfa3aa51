#include "policy/compact.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "policy/join.hpp"
#include "policy/sorted_pieces.hpp"

namespace policy {

namespace {

// So many lines are held against each other; of more, those that others cover stay. Of so many that hardly few enough
// come of them, none are made one.
constexpr std::size_t kMaxCompared = 512;
constexpr std::size_t kMaxJoined = 4096;

using base::PortRange;

template <class Word>
bool is_of(const Row<Word>& line, base::Protocol protocol) {
  return ((line.protocol ^ base::number(protocol)) & line.protocol_mask) == 0;
}

template <class Word>
void narrow_protocol(Knowledge<Word>& known, const base::Flow& flow) {
  if (known.protocol) return;
  const auto points = points_of<Word>(flow);
  const auto holds_it = [&points](const Row<Word>& line) {
    return line.contains_addresses(points[kLocalSide].address, points[kRemoteSide].address);
  };
  if (std::ranges::none_of(known.exempt, holds_it)) return;
  known.protocol = flow.protocol;
  std::erase_if(known.exempt, [&flow](const Row<Word>& line) { return !is_of(line, flow.protocol); });
}

// As wide as may be where it makes no difference.
template <class Word>
class Loosening {
 public:
  Loosening(const Knowledge<Word>& known, const base::Flow& flow)
      : known_(known), protocol_(flow.protocol), points_(points_of<Word>(flow)) {}

  void operator()(Row<Word>& line) const {
    // Of other protocols than P's, only that there is something of theirs matters, to a tunnel for any.
    if (!is_of(line, protocol_)) line.local_port = line.remote_port = PortRange::any();
    const std::array holds = {holds_point(line, kLocalSide), holds_point(line, kRemoteSide)};
    for (const std::size_t side : {kLocalSide, kRemoteSide}) {
      Piece<Word> part = side_of(line, side);
      if (holds[side]) {
        part.value = part.mask = 0;
        if (base::has_ports(protocol_)) part.port = PortRange::any();
      } else if (holds_side(part, side)) {
        part.value = part.mask = 0;
      }
      set_side(line, side, part);
    }
  }

 private:
  // ICMP's type and code are the line's, not an end's: both must be P's, lest it is no hole beside P's own type.
  [[nodiscard]] bool holds_point(const Row<Word>& line, std::size_t side) const {
    const Piece<Word> part = side_of(line, side);
    if (((points_[side].address ^ part.value) & part.mask) != 0) return false;
    const auto has_port = [&](std::size_t of) { return side_of(line, of).port.contains(points_[of].port); };
    if (!is_of(line, protocol_)) return true;
    if (base::is_icmp(protocol_)) return line.protocol_mask == 0 || (has_port(kLocalSide) && has_port(kRemoteSide));
    return !base::has_ports(protocol_) || has_port(side);
  }

  [[nodiscard]] bool holds_side(const Piece<Word>& part, std::size_t side) const {
    return std::ranges::all_of(known_.sides[side], [&part](const Piece<Word>& one) {
      return (part.mask & ~one.mask) == 0 && ((part.value ^ one.value) & part.mask) == 0;
    });
  }

  const Knowledge<Word>& known_;
  base::Protocol protocol_;
  std::array<Point<Word>, 2> points_;
};

// True when they differ on that side at most.
template <class Word>
bool same_but_for(std::size_t side, const Row<Word>& one, const Row<Word>& other) {
  return one.protocol == other.protocol && one.protocol_mask == other.protocol_mask &&
         side_of(one, 1 - side) == side_of(other, 1 - side);
}

// Makes one of lines that differ on that side only, in what is one there; each line is left once.
template <class Word>
void join_on(std::size_t side, std::vector<Row<Word>>& lines) {
  std::ranges::sort(lines, [side](const Row<Word>& one, const Row<Word>& other) {
    const auto rest = side_of(one, 1 - side);
    const auto other_rest = side_of(other, 1 - side);
    if (rest != other_rest) return precedes(rest, other_rest);
    if (one.protocol != other.protocol) return one.protocol < other.protocol;
    if (one.protocol_mask != other.protocol_mask) return one.protocol_mask < other.protocol_mask;
    return precedes(side_of(one, side), side_of(other, side));
  });
  std::vector<Row<Word>> joined;
  std::vector<Piece<Word>> parts;
  for (auto begin = lines.begin(); begin != lines.end();) {
    const auto end =
        std::find_if(begin, lines.end(), [&](const Row<Word>& line) { return !same_but_for(side, line, *begin); });
    parts.clear();
    for (auto line = begin; line != end; ++line) {
      if (parts.empty() || parts.back() != side_of(*line, side)) parts.push_back(side_of(*line, side));
    }
    join(parts, DataPlane::kUserspace);
    for (const Piece<Word>& part : parts) {
      joined.push_back(*begin);
      set_side(joined.back(), side, part);
    }
    begin = end;
  }
  lines = std::move(joined);
}

// How much of all there is a line names: of two of which one covers the other it is less for that one.
template <class Word>
std::pair<int, int> narrowness(const Row<Word>& line) {
  const int ports = line.local_port.hi - line.local_port.lo + line.remote_port.hi - line.remote_port.lo;
  return {ones(line.local_mask) + ones(line.remote_mask) + (line.protocol_mask != 0 ? 1 : 0), -ports};
}

template <class Word>
void leave_out_covered(std::vector<Row<Word>>& lines) {
  if (lines.size() > kMaxCompared) return;
  std::vector<std::pair<std::pair<int, int>, std::size_t>> order;
  order.reserve(lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) order.emplace_back(narrowness(lines[i]), i);
  std::ranges::sort(order);
  std::vector<Row<Word>> kept;
  kept.reserve(lines.size());
  for (const auto& [unused, number] : order) {
    const Row<Word>& line = lines[number];
    const auto covers_it = [&line](const Row<Word>& other) { return other.covers(line); };
    if (std::ranges::none_of(kept, covers_it)) kept.push_back(line);
  }
  lines = std::move(kept);
}

}  // namespace

template <class Word>
void compact(Knowledge<Word>& known, const base::Flow& flow) {
  for (auto& side : known.sides) join(side, DataPlane::kUserspace);
  narrow_protocol(known, flow);
  for (Row<Word>& line : known.exempt) line.rule = 0;
  std::ranges::for_each(known.exempt, Loosening<Word>(known, flow));
  if (known.exempt.size() > kMaxJoined) return;
  for (std::size_t before = known.exempt.size() + 1; known.exempt.size() < before;) {
    before = known.exempt.size();
    leave_out_covered(known.exempt);
    join_on(kLocalSide, known.exempt);
    join_on(kRemoteSide, known.exempt);
  }
}

template void compact(Knowledge<std::uint32_t>&, const base::Flow&);
template void compact(Knowledge<base::Uint128>&, const base::Flow&);

}  // namespace policy
