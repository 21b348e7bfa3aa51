#include "policy/product.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "policy/decompose.hpp"
#include "policy/sorted_pieces.hpp"
#include "policy/touch.hpp"

namespace policy {

namespace {

using base::PortRange;
using base::SelectorEnd;

// What of the protocol a product is for. Ports belong to ends only where the protocol has them; ICMP's type and code
// belong to the product as a whole, because IKE says both in one number at either end.
struct Mode {
  std::optional<base::Protocol> protocol;
  PortRange type;
  PortRange code;

  [[nodiscard]] bool has_ports() const { return protocol && base::has_ports(*protocol); }
  [[nodiscard]] bool is_icmp() const { return protocol && base::is_icmp(*protocol); }
  [[nodiscard]] PortRange port(PortRange own) const { return has_ports() ? own : PortRange::any(); }
};

// Times that the two sides are made to fit each other; two are the rule.
constexpr std::size_t kMaxRounds = 16;

template <class Word>
class Carver {
 public:
  Carver(const Knowledge<Word>& mine, const Knowledge<Word>* theirs, const base::Flow& flow, DataPlane plane,
         std::size_t limit)
      : flow_(flow), plane_(plane), limit_(limit), known_{&mine} {
    if (theirs != nullptr) known_.push_back(theirs);
  }

  std::optional<base::SelectorList> run() {
    for (const Mode& mode : modes()) {
      if (!prepare(mode)) continue;
      return carve(mode);
    }
    return std::nullopt;
  }

 private:
  using Pieces = std::vector<Piece<Word>>;
  // An earlier line, as the mode sees its two sides: the product must avoid one of them.
  using Hole = std::array<Piece<Word>, 2>;

  // The widest first. One is taken when no exemption holds P's addresses in it: the widest then covers most.
  [[nodiscard]] std::vector<Mode> modes() const {
    std::vector<Mode> all;
    if (std::ranges::none_of(known_, [](const auto* one) { return one->protocol.has_value(); })) all.push_back({});
    Mode own{flow_.protocol, {}, {}};
    if (!own.is_icmp()) {
      all.push_back(own);
      return all;
    }
    const auto type = icmp_part(kLocalSide, flow_.source_port);
    const auto code = icmp_part(kRemoteSide, flow_.destination_port);
    if (!type || !code) return all;
    const auto any = base::MaskedAddress::any(flow_.source.family());
    const auto box = exact({own.protocol, any, any, *type, *code}, flow_, plane_);
    const auto only_type = PortRange::only(flow_.source_port);
    all.push_back({own.protocol, box.local_port, box.remote_port});
    all.push_back({own.protocol, only_type, box.remote_port});
    all.push_back({own.protocol, only_type, PortRange::only(flow_.destination_port)});
    return all;
  }

  // P's type or code with what else is common to all ends that have P's.
  [[nodiscard]] std::optional<PortRange> icmp_part(std::size_t side, std::uint16_t own) const {
    PortRange part;
    for (const Knowledge<Word>* one : known_) {
      bool has_own = false;
      for (const Piece<Word>& piece : one->sides[side]) {
        if (!piece.port.contains(own)) continue;
        part = *part.intersect(piece.port);
        has_own = true;
      }
      if (!has_own) return std::nullopt;
    }
    return part;
  }

  // The two sides and the exemptions in that mode; false when the flow cannot be in a product of it.
  bool prepare(const Mode& mode) {
    points_ = points_of<Word>(flow_);
    if (!mode.has_ports()) points_[kLocalSide].port = points_[kRemoteSide].port = 0;
    whole_ = {whole(mode, kLocalSide, mode.type), whole(mode, kRemoteSide, mode.code)};
    if (!holds_point(kLocalSide, whole_[kLocalSide]) || !holds_point(kRemoteSide, whole_[kRemoteSide])) return false;
    shares_ = {share_of(kLocalSide), share_of(kRemoteSide)};
    for (auto& holes : holes_) holes.clear();
    const bool is_free = std::ranges::all_of(known_, [&](const Knowledge<Word>* one) {
      return std::ranges::all_of(one->exempt, [&](const Row<Word>& line) { return avoid(line, mode); });
    });
    if (is_free) sort_holes();
    return is_free;
  }

  // By either side, once: whatever is chosen of them is in order then.
  void sort_holes() {
    holes_[kRemoteSide] = holes_[kLocalSide];
    for (const std::size_t side : {kLocalSide, kRemoteSide}) {
      sort_pieces<Word>(holes_[side], [side](const Hole& hole) { return hole[side]; });
    }
  }

  // Makes a hole of the line where it touches; false when the flow itself would be in it.
  bool avoid(const Row<Word>& line, const Mode& mode) {
    if (mode.protocol && ((line.protocol ^ base::number(*mode.protocol)) & line.protocol_mask) != 0) return true;
    if (mode.is_icmp() && line.protocol_mask != 0 &&
        !(mode.type.meets(line.local_port) && mode.code.meets(line.remote_port))) {
      return true;
    }
    Hole hole = {side_of(line, kLocalSide), side_of(line, kRemoteSide)};
    for (Piece<Word>& part : hole) part.port = mode.port(part.port);
    if (!meets(whole_[kLocalSide], hole[kLocalSide]) || !meets(whole_[kRemoteSide], hole[kRemoteSide])) return true;
    holes_[kLocalSide].push_back(hole);
    return !(hole[kLocalSide].contains(points_[kLocalSide]) && hole[kRemoteSide].contains(points_[kRemoteSide]));
  }

  // What both know of that side have in common, the same whoever asks.
  [[nodiscard]] Pieces whole(const Mode& mode, std::size_t side, PortRange icmp) const {
    Pieces common = part_of(*known_.front(), mode, side, icmp);
    if (known_.size() == 1) return common;
    Pieces both;
    for (const Piece<Word>& other : part_of(*known_.back(), mode, side, icmp)) {
      for (const Piece<Word>& piece : common) {
        if (piece.meets(other)) both.push_back(piece.common(other));
      }
    }
    std::ranges::sort(both, {}, key_of<Word>);
    return both;
  }

  [[nodiscard]] static Pieces part_of(const Knowledge<Word>& known, const Mode& mode, std::size_t side,
                                      PortRange icmp) {
    Pieces pieces;
    for (const Piece<Word>& piece : known.sides[side]) {
      if (mode.is_icmp() && !piece.port.covers(icmp)) continue;
      pieces.push_back({piece.value, piece.mask, mode.port(piece.port)});
    }
    return pieces;
  }

  // Each exemption is first kept out on the side where less is lost; then each side takes back what the other makes
  // harmless, which leaves nothing to add on either.
  [[nodiscard]] base::SelectorList carve(const Mode& mode) const {
    const std::size_t first = side_of_lower_point();
    const std::size_t second = 1 - first;
    std::array<Pieces, 2> left;
    Pieces cuts;
    for (const Hole& hole : holes_[first]) {
      if (is_cut_at(first, hole)) append(cuts, hole[first]);
    }
    std::array<Pieces, 2> avoided;
    const auto avoid_at = [&](std::size_t side, Pieces holes) {
      if (!left[side].empty() && holes == avoided[side]) return false;
      left[side] = pieces(side, holes);
      avoided[side] = std::move(holes);
      return true;
    };
    avoid_at(first, std::move(cuts));
    avoid_at(second, harmful(second, left[first]));
    if (avoid_at(first, harmful(first, left[second]))) avoid_at(second, harmful(second, left[first]));
    settle(left, avoided);
    base::SelectorList list{mode.protocol, to_ends<Word>(left[kLocalSide]), to_ends<Word>(left[kRemoteSide])};
    if (mode.is_icmp()) {
      for (SelectorEnd& end : list.local) end.port = mode.type;
      for (SelectorEnd& end : list.remote) end.port = mode.code;
    }
    return list;
  }

  // Where both ends of the tunnel begin, so that they come to the same result.
  [[nodiscard]] std::size_t side_of_lower_point() const {
    const bool has_ports = base::has_ports(flow_.protocol);
    const auto key = [&](const base::Address& address, std::uint16_t port) {
      return std::pair(address, has_ports ? port : std::uint16_t{0});
    };
    return key(flow_.source, flow_.source_port) <= key(flow_.destination, flow_.destination_port) ? kLocalSide
                                                                                                  : kRemoteSide;
  }

  [[nodiscard]] bool is_cut_at(std::size_t side, const Hole& hole) const {
    const std::size_t other = 1 - side;
    if (hole[other].contains(points_[other])) return true;
    if (hole[side].contains(points_[side])) return false;
    return loss(side, hole[side]) <= loss(other, hole[other]);
  }

  [[nodiscard]] double loss(std::size_t side, const Piece<Word>& hole) const {
    double lost = 0;
    for (const Piece<Word>& piece : whole_[side]) {
      if (piece.meets(hole)) lost += piece.common(hole).share();
    }
    return lost / shares_[side];
  }

  [[nodiscard]] double share_of(std::size_t side) const {
    double all = 0;
    for (const Piece<Word>& piece : whole_[side]) all += piece.share();
    return all;
  }

  [[nodiscard]] static bool meets(std::span<const Piece<Word>> pieces, const Piece<Word>& hole) {
    return std::ranges::any_of(pieces, [&hole](const Piece<Word>& piece) { return piece.meets(hole); });
  }
  [[nodiscard]] bool holds_point(std::size_t side, std::span<const Piece<Word>> pieces) const {
    return std::ranges::any_of(pieces, [&](const Piece<Word>& piece) { return piece.contains(points_[side]); });
  }

  // That side of the holes whose other side meets what is on the other side of the product.
  [[nodiscard]] Pieces harmful(std::size_t side, std::span<const Piece<Word>> opposite) const {
    Pieces all;
    const Touch<Word> touches(opposite);
    for (const Hole& hole : holes_[side]) {
      if (touches(hole[1 - side])) append(all, hole[side]);
    }
    return all;
  }

  // A side that could not have all its pieces may have got others than the opposite side was made for: what neither
  // forbids is added until nothing changes. Each round makes the product larger.
  void settle(std::array<Pieces, 2>& left, std::array<Pieces, 2>& avoided) const {
    bool changed = left[kLocalSide].size() >= limit_ || left[kRemoteSide].size() >= limit_;
    for (std::size_t round = 0; changed && round < kMaxRounds; ++round) {
      changed = false;
      for (const std::size_t side : {kLocalSide, kRemoteSide}) {
        Pieces holes = harmful(side, left[1 - side]);
        if (holes == avoided[side]) continue;  // it has all that these leave
        Pieces more = extended<Word>(left[side], whole_[side], holes, points_[side], plane_, limit_);
        avoided[side] = std::move(holes);
        changed = changed || more != left[side];
        left[side] = std::move(more);
      }
    }
  }

  [[nodiscard]] Pieces pieces(std::size_t side, std::span<const Piece<Word>> holes) const {
    return decompose<Word>(whole_[side], holes, points_[side], plane_, limit_);
  }

  const base::Flow& flow_;
  DataPlane plane_;
  std::size_t limit_;
  std::vector<const Knowledge<Word>*> known_;  ///< of one end or of both
  std::array<Point<Word>, 2> points_;          ///< P's own
  std::array<Pieces, 2> whole_;
  std::array<double, 2> shares_{};          ///< of the whole sides
  std::array<std::vector<Hole>, 2> holes_;  ///< the same ones, in the order of either side
};

}  // namespace

template <class Word>
std::optional<base::SelectorList> largest_product(const Knowledge<Word>& mine, const Knowledge<Word>* theirs,
                                                  const base::Flow& flow, DataPlane plane, std::size_t limit) {
  return Carver<Word>(mine, theirs, flow, plane, limit).run();
}

std::optional<base::SelectorList> largest_product(const Offer& mine, const Offer& theirs, const base::Flow& flow,
                                                  DataPlane plane) {
  if (!mine.contains(flow) || !theirs.contains(flow)) return std::nullopt;
  const auto of = [&]<class Word>(Word /*width*/) {
    const auto other = Knowledge<Word>::of(theirs);
    return largest_product(Knowledge<Word>::of(mine), &other, flow, plane, max_ends(plane));
  };
  return flow.source.family() == base::Family::kV4 ? of(std::uint32_t{}) : of(base::Uint128{});
}

base::SelectorList largest_product(const Snapshot& snapshot, const Match& match, const base::Flow& flow,
                                   DataPlane plane) {
  const auto of = [&]<class Word>(Word /*width*/) {
    // Nothing that a first match knows is without its flow.
    return *largest_product<Word>(Knowledge<Word>::of(snapshot, match), nullptr, flow, plane, max_ends(plane));
  };
  return flow.source.family() == base::Family::kV4 ? of(std::uint32_t{}) : of(base::Uint128{});
}

template std::optional<base::SelectorList> largest_product(const Knowledge<std::uint32_t>&,
                                                           const Knowledge<std::uint32_t>*, const base::Flow&,
                                                           DataPlane, std::size_t);
template std::optional<base::SelectorList> largest_product(const Knowledge<base::Uint128>&,
                                                           const Knowledge<base::Uint128>*, const base::Flow&,
                                                           DataPlane, std::size_t);

}  // namespace policy
