#include "policy/product.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

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
  [[nodiscard]] bool meets(const base::Selector& line) const {
    if (!protocol || !line.protocol) return true;
    if (*protocol != *line.protocol) return false;
    return !is_icmp() || (type.intersect(line.local_port) && code.intersect(line.remote_port));
  }
  [[nodiscard]] SelectorEnd end(const MaskedAddress& address, PortRange port) const {
    return {address, has_ports() ? port : PortRange::any()};
  }
};

// The two sides, as indices: what is done to one is done to the other.
constexpr std::size_t kLocal = 0;
constexpr std::size_t kRemote = 1;

// Times that the two sides are made to fit each other; two are the rule.
constexpr std::size_t kMaxRounds = 16;

// An earlier line, as the mode sees its two sides: the product must avoid one of them.
using Hole = std::array<SelectorEnd, 2>;

bool contains(const SelectorEnd& end, const Point& point) {
  return end.address.contains(point.address) && end.port.contains(point.port);
}

bool contains(std::span<const SelectorEnd> ends, const Point& point) {
  return std::ranges::any_of(ends, [&point](const SelectorEnd& end) { return contains(end, point); });
}

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
  // The widest first. One is taken when no earlier line holds P's addresses in it: the widest then covers most.
  [[nodiscard]] std::vector<Mode> modes() const {
    std::vector<Mode> all;
    if (!rule_.protocol && !(within_ && within_->protocol)) all.push_back({});
    Mode own{flow_.protocol, {}, {}};
    if (!own.is_icmp()) {
      all.push_back(own);
      return all;
    }
    const auto limit = [](std::optional<PortRange> range, PortRange by) {
      return range ? range->intersect(by) : range;
    };
    std::optional<PortRange> type = rule_.local_port;
    std::optional<PortRange> code = rule_.remote_port;
    if (within_ && within_->protocol) {
      type = limit(type, within_->local.front().port);
      code = limit(code, within_->remote.front().port);
    }
    if (!type || !code || !type->contains(flow_.source_port) || !code->contains(flow_.destination_port)) return all;
    const auto box = exact({own.protocol, match_.line.local, match_.line.remote, *type, *code}, flow_, plane_);
    const auto only_type = PortRange::only(flow_.source_port);
    all.push_back({own.protocol, box.local_port, box.remote_port});
    all.push_back({own.protocol, only_type, box.remote_port});
    all.push_back({own.protocol, only_type, PortRange::only(flow_.destination_port)});
    return all;
  }

  // The rule's two sides and the earlier lines in that mode; false when the flow cannot be in a product of it.
  bool prepare(const Mode& mode) {
    const auto port = [&mode](std::uint16_t own) { return mode.has_ports() ? own : std::uint16_t{0}; };
    points_ = {Point{flow_.source, port(flow_.source_port)}, Point{flow_.destination, port(flow_.destination_port)}};
    whole_ = {side(mode, rule_.local, rule_.local_port, within_ ? &within_->local : nullptr),
              side(mode, rule_.remote, rule_.remote_port, within_ ? &within_->remote : nullptr)};
    if (!contains(whole_[kLocal], points_[kLocal]) || !contains(whole_[kRemote], points_[kRemote])) return false;
    holes_.clear();
    bool feasible = true;
    const base::Selector all{mode.protocol, covering(whole_[kLocal]), covering(whole_[kRemote]), mode.type, mode.code};
    snapshot_.visit_overlapping(all, match_.rule, [&](const Match& earlier) {
      feasible = avoid(earlier.line, mode);
      return feasible;
    });
    if (theirs_ == nullptr) return feasible;
    return feasible && std::ranges::all_of(theirs_->exempt, [&](const auto& line) { return avoid(line, mode); });
  }

  // Makes a hole of the line where it touches; false when the flow itself would be in it.
  bool avoid(const base::Selector& line, const Mode& mode) {
    if (!mode.meets(line) || line.family() != flow_.source.family()) return true;
    const Hole hole = {mode.end(line.local, line.local_port), mode.end(line.remote, line.remote_port)};
    if (!overlap(whole_[kLocal], hole[kLocal]) || !overlap(whole_[kRemote], hole[kRemote])) return true;
    holes_.push_back(hole);
    return !(contains(hole[kLocal], points_[kLocal]) && contains(hole[kRemote], points_[kRemote]));
  }

  [[nodiscard]] Ends side(const Mode& mode, std::span<const MaskedAddress> addresses, PortRange port,
                          const Ends* limit) const {
    Ends ends = ends_of(addresses, mode.has_ports() ? port : PortRange::any(), flow_.source.family());
    if (limit == nullptr) return ends;
    Ends limits;
    for (const SelectorEnd& end : *limit) limits.push_back(mode.end(end.address, end.port));
    return intersect(ends, limits);
  }

  // Each earlier line is first kept out on the side where less is lost; then each side takes back what the other makes
  // harmless, which leaves nothing to add on either.
  [[nodiscard]] base::SelectorList carve(const Mode& mode) const {
    const std::size_t first = side_of_lower_point();
    const std::size_t second = 1 - first;
    std::array<Ends, 2> left;
    Ends cuts;
    for (const Hole& hole : holes_) {
      if (is_cut_at(first, hole)) cuts.push_back(hole[first]);
    }
    left[first] = pieces(first, cuts);
    left[second] = pieces(second, harmful(second, left[first]));
    left[first] = pieces(first, harmful(first, left[second]));
    left[second] = pieces(second, harmful(second, left[first]));
    settle(left);
    if (mode.is_icmp()) {
      for (SelectorEnd& end : left[kLocal]) end.port = mode.type;
      for (SelectorEnd& end : left[kRemote]) end.port = mode.code;
    }
    return {mode.protocol, std::move(left[kLocal]), std::move(left[kRemote])};
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
    if (contains(hole[other], points_[other])) return true;
    if (contains(hole[side], points_[side])) return false;
    return loss(whole_[side], hole[side]) <= loss(whole_[other], hole[other]);
  }

  [[nodiscard]] static double loss(const Ends& ends, const SelectorEnd& hole) {
    double all = 0;
    double lost = 0;
    for (const SelectorEnd& end : ends) {
      all += share(end);
      const auto address = end.address.intersect(hole.address);
      const auto port = end.port.intersect(hole.port);
      if (address && port) lost += share({*address, *port});
    }
    return lost / all;
  }

  // That side of the holes whose other side meets what is on the other side of the product.
  [[nodiscard]] Ends harmful(std::size_t side, const Ends& opposite) const {
    Ends all;
    for (const Hole& hole : holes_) {
      if (overlap(opposite, hole[1 - side])) all.push_back(hole[side]);
    }
    return all;
  }

  // A side that could not have all its pieces may have got others than the opposite side was made for: what neither
  // forbids is added until nothing changes. Each round makes the product larger.
  void settle(std::array<Ends, 2>& left) const {
    const std::size_t limit = max_ends(plane_);
    bool changed = left[kLocal].size() >= limit || left[kRemote].size() >= limit;
    for (std::size_t round = 0; changed && round < kMaxRounds; ++round) {
      changed = false;
      for (const std::size_t side : {kLocal, kRemote}) {
        Ends more = extended(left[side], whole_[side], harmful(side, left[1 - side]), points_[side], plane_, limit);
        changed = changed || more != left[side];
        left[side] = std::move(more);
      }
    }
  }

  [[nodiscard]] Ends pieces(std::size_t side, const Ends& holes) const {
    return decompose(whole_[side], holes, points_[side], plane_, max_ends(plane_));
  }

  const Snapshot& snapshot_;
  const Match& match_;
  const Rule& rule_;
  const base::Flow& flow_;
  DataPlane plane_;
  const Offer* theirs_;
  const base::SelectorList* within_;  ///< theirs_->proxy, or null
  std::array<Point, 2> points_;       ///< P's own
  std::array<Ends, 2> whole_;
  std::vector<Hole> holes_;
};

}  // namespace

std::optional<base::SelectorList> largest_product(const Snapshot& snapshot, const Match& match, const base::Flow& flow,
                                                  DataPlane plane, const Offer* theirs) {
  if (theirs != nullptr && !theirs->contains(flow)) return std::nullopt;
  return Carver(snapshot, match, flow, plane, theirs).run();
}

}  // namespace policy
