#include "policy/compact.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "policy/join.hpp"

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

// All but one side of it.
template <class Word>
auto rest_of(const Row<Word>& line, std::size_t side) {
  return std::tuple(line.protocol_mask, line.protocol, key_of(side_of(line, 1 - side)));
}

// Makes one of lines that differ on that side only, in what is one there; each line is left once.
template <class Word>
void join_on(std::size_t side, std::vector<Row<Word>>& lines) {
  const auto whole_key = [side](const Row<Word>& line) {
    return std::pair(rest_of(line, side), key_of(side_of(line, side)));
  };
  std::ranges::sort(lines, {}, whole_key);
  std::vector<Row<Word>> joined;
  for (auto begin = lines.begin(); begin != lines.end();) {
    const auto end = std::find_if(begin, lines.end(),
                                  [&](const Row<Word>& line) { return rest_of(line, side) != rest_of(*begin, side); });
    std::vector<Piece<Word>> parts;
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

template <class Word>
void leave_out_covered(std::vector<Row<Word>>& lines) {
  if (lines.size() > kMaxCompared) return;
  std::vector<Row<Word>> kept;
  for (const Row<Word>& line : lines) {
    if (std::ranges::any_of(kept, [&line](const Row<Word>& other) { return other.covers(line); })) continue;
    std::erase_if(kept, [&line](const Row<Word>& other) { return line.covers(other); });
    kept.push_back(line);
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
