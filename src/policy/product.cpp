#include "policy/product.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "policy/decompose.hpp"
#include "policy/region.hpp"

namespace policy {

namespace {

using base::MaskedAddress;
using base::PortRange;
using base::SelectorEnd;
using Ends = std::vector<SelectorEnd>;

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

// The two sides, as indices: what is done to one is done to the other.
constexpr std::size_t kLocal = 0;
constexpr std::size_t kRemote = 1;

// Times that the two sides are made to fit each other; two are the rule.
constexpr std::size_t kMaxRounds = 16;

template <class Word>
class Carver {
 public:
  Carver(const Snapshot& snapshot, const Match& match, const base::Flow& flow, DataPlane plane, const Offer* theirs)
      : snapshot_(snapshot),
        match_(match),
        rule_(snapshot.rule(match.rule)),
        flow_(flow),
        plane_(plane),
        theirs_(theirs),
        within_(theirs != nullptr ? &theirs->proxy : nullptr) {}

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

  // The widest first. One is taken when no earlier line holds P's addresses in it: the widest then covers most.
  [[nodiscard]] std::vector<Mode> modes() const {
    std::vector<Mode> all;
    if (!rule_.protocol && !(within_ && within_->protocol)) all.push_back({});
    Mode own{flow_.protocol, {}, {}};
    if (!own.is_icmp()) {
      all.push_back(own);
      return all;
    }
    const auto type = icmp_part(rule_.local_port, flow_.source_port, within_ ? &within_->local : nullptr);
    const auto code = icmp_part(rule_.remote_port, flow_.destination_port, within_ ? &within_->remote : nullptr);
    if (!type || !code) return all;
    const auto box = exact({own.protocol, match_.line.local, match_.line.remote, *type, *code}, flow_, plane_);
    const auto only_type = PortRange::only(flow_.source_port);
    all.push_back({own.protocol, box.local_port, box.remote_port});
    all.push_back({own.protocol, only_type, box.remote_port});
    all.push_back({own.protocol, only_type, PortRange::only(flow_.destination_port)});
    return all;
  }

  // P's type or code with what else is common to the rule and to each end of the limit that has P's.
  [[nodiscard]] std::optional<PortRange> icmp_part(PortRange part, std::uint16_t own, const Ends* limit) const {
    if (!part.contains(own)) return std::nullopt;
    if (limit == nullptr || !within_->protocol) return part;
    for (const SelectorEnd& end : *limit) {
      if (end.port.contains(own)) part = *part.intersect(end.port);
    }
    return part;
  }

  // The rule's two sides and the earlier lines in that mode; false when the flow cannot be in a product of it.
  bool prepare(const Mode& mode) {
    const auto port = [&mode](std::uint16_t own) { return mode.has_ports() ? own : std::uint16_t{0}; };
    points_ = {Point<Word>{static_cast<Word>(flow_.source.value()), port(flow_.source_port)},
               Point<Word>{static_cast<Word>(flow_.destination.value()), port(flow_.destination_port)}};
    whole_ = {side(mode, rule_.local, rule_.local_port, mode.type, within_ ? &within_->local : nullptr),
              side(mode, rule_.remote, rule_.remote_port, mode.code, within_ ? &within_->remote : nullptr)};
    if (!holds_point(kLocal, whole_[kLocal]) || !holds_point(kRemote, whole_[kRemote])) return false;
    shares_ = {share_of(kLocal), share_of(kRemote)};
    holes_.clear();
    bool feasible = true;
    const base::Selector all{mode.protocol, to_end(covering<Word>(whole_[kLocal])).address,
                             to_end(covering<Word>(whole_[kRemote])).address, mode.type, mode.code};
    snapshot_.visit_rows<Word>(all, match_.rule, [&](const Row<Word>& row) {
      feasible = avoid(row, mode);
      return feasible;
    });
    if (theirs_ == nullptr) return feasible;
    return feasible && std::ranges::all_of(theirs_->exempt, [&](const base::Selector& line) {
             return line.family() != flow_.source.family() || avoid(to_row<Word>(line, 0), mode);
           });
  }

  // Makes a hole of the line where it touches; false when the flow itself would be in it.
  bool avoid(const Row<Word>& line, const Mode& mode) {
    if (mode.protocol && ((line.protocol ^ base::number(*mode.protocol)) & line.protocol_mask) != 0) return true;
    if (mode.is_icmp() && line.protocol_mask != 0 &&
        !(mode.type.meets(line.local_port) && mode.code.meets(line.remote_port))) {
      return true;
    }
    const Hole hole = {Piece<Word>{line.local, line.local_mask, mode.port(line.local_port)},
                       Piece<Word>{line.remote, line.remote_mask, mode.port(line.remote_port)}};
    if (!meets(whole_[kLocal], hole[kLocal]) || !meets(whole_[kRemote], hole[kRemote])) return true;
    holes_.push_back(hole);
    return !(hole[kLocal].contains(points_[kLocal]) && hole[kRemote].contains(points_[kRemote]));
  }

  [[nodiscard]] Pieces side(const Mode& mode, std::span<const MaskedAddress> addresses, PortRange port, PortRange icmp,
                            const Ends* limit) const {
    Pieces pieces;
    for (const MaskedAddress& address : addresses) {
      if (address.family() == flow_.source.family()) pieces.push_back(to_piece<Word>({address, mode.port(port)}));
    }
    if (limit == nullptr) return pieces;
    Pieces common;
    for (const Piece<Word>& piece : pieces) {
      for (const SelectorEnd& end : *limit) {
        if (end.address.family() != flow_.source.family() || (mode.is_icmp() && !end.port.covers(icmp))) continue;
        const auto other = to_piece<Word>({end.address, mode.port(end.port)});
        if (piece.meets(other)) common.push_back(piece.common(other));
      }
    }
    return common;
  }

  // Each earlier line is first kept out on the side where less is lost; then each side takes back what the other makes
  // harmless, which leaves nothing to add on either.
  [[nodiscard]] base::SelectorList carve(const Mode& mode) const {
    const std::size_t first = side_of_lower_point();
    const std::size_t second = 1 - first;
    std::array<Pieces, 2> left;
    Pieces cuts;
    for (const Hole& hole : holes_) {
      if (is_cut_at(first, hole)) cuts.push_back(hole[first]);
    }
    left[first] = pieces(first, cuts);
    const Pieces before = harmful(second, left[first]);
    left[second] = pieces(second, before);
    Pieces harming = harmful(first, left[second]);
    if (harming != cuts) {  // else it is what it was, and so is the other side
      left[first] = pieces(first, harming);
      harming = harmful(second, left[first]);
      if (harming != before) left[second] = pieces(second, harming);
    }
    settle(left);
    base::SelectorList list{mode.protocol, to_ends<Word>(left[kLocal]), to_ends<Word>(left[kRemote])};
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
    return key(flow_.source, flow_.source_port) <= key(flow_.destination, flow_.destination_port) ? kLocal : kRemote;
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
    for (const Hole& hole : holes_) {
      if (meets(opposite, hole[1 - side])) all.push_back(hole[side]);
    }
    return all;
  }

  // A side that could not have all its pieces may have got others than the opposite side was made for: what neither
  // forbids is added until nothing changes. Each round makes the product larger.
  void settle(std::array<Pieces, 2>& left) const {
    const std::size_t limit = max_ends(plane_);
    bool changed = left[kLocal].size() >= limit || left[kRemote].size() >= limit;
    for (std::size_t round = 0; changed && round < kMaxRounds; ++round) {
      changed = false;
      for (const std::size_t side : {kLocal, kRemote}) {
        const Pieces holes = harmful(side, left[1 - side]);
        Pieces more = extended<Word>(left[side], whole_[side], holes, points_[side], plane_, limit);
        changed = changed || more != left[side];
        left[side] = std::move(more);
      }
    }
  }

  [[nodiscard]] Pieces pieces(std::size_t side, std::span<const Piece<Word>> holes) const {
    return decompose<Word>(whole_[side], holes, points_[side], plane_, max_ends(plane_));
  }

  const Snapshot& snapshot_;
  const Match& match_;
  const Rule& rule_;
  const base::Flow& flow_;
  DataPlane plane_;
  const Offer* theirs_;
  const base::SelectorList* within_;   ///< theirs_->proxy, or null
  std::array<Point<Word>, 2> points_;  ///< P's own
  std::array<Pieces, 2> whole_;
  std::array<double, 2> shares_{};  ///< of the whole sides
  std::vector<Hole> holes_;
};

}  // namespace

std::optional<base::SelectorList> largest_product(const Snapshot& snapshot, const Match& match, const base::Flow& flow,
                                                  DataPlane plane, const Offer* theirs) {
  if (theirs != nullptr && !theirs->contains(flow)) return std::nullopt;
  if (flow.source.family() == base::Family::kV4) {
    return Carver<std::uint32_t>(snapshot, match, flow, plane, theirs).run();
  }
  return Carver<base::Uint128>(snapshot, match, flow, plane, theirs).run();
}

}  // namespace policy
