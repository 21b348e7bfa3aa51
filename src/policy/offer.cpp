#include "policy/offer.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <iterator>
#include <utility>
#include <vector>

#include "policy/compact.hpp"
#include "policy/knowledge.hpp"
#include "policy/product.hpp"

namespace policy {

namespace {

template <class Word>
class Telling {
 public:
  Telling(Knowledge<Word> known, const base::Flow& flow, const OfferRoom& room)
      : known_(std::move(known)), flow_(flow), room_(room) {}

  Offer run() {
    if (auto all = whole()) return *std::move(all);
    compact(known_, flow_);
    if (auto all = whole()) return *std::move(all);
    return part();
  }

 private:
  [[nodiscard]] std::optional<Offer> whole() const {
    for (const std::size_t size :
         {known_.sides[kLocalSide].size(), known_.sides[kRemoteSide].size(), known_.exempt.size()}) {
      if (size > kMaxOffered) return std::nullopt;
    }
    Offer all = known_.offer();
    return room_.taken_by(all) <= room_.octets ? std::optional(std::move(all)) : std::nullopt;
  }

  // Half of the room is for exemptions, the rest for ends, however short those turn out to be: one product then does.
  Offer part() {
    const std::size_t one_a_side = std::min(2 * longest_end(), room_.octets);
    const auto told = take_worst(std::min(room_.octets / 2, room_.octets - one_a_side));
    // The asking end makes of it what both data planes take; ranges of ports can be told.
    const auto sides = *largest_product<Word>(known_, nullptr, flow_, DataPlane::kUserspace, max_ends_beside(told));
    auto part = Knowledge<Word>::of(Offer{sides, {}});
    std::ranges::copy_if(told, std::back_inserter(part.exempt),
                         [&part](const Row<Word>& line) { return part.is_touched_by(line); });
    return part.offer();
  }

  // Takes out the lines that take the largest part of the side that they can best be avoided on, the worst first, as
  // many as so many octets hold.
  std::vector<Row<Word>> take_worst(std::size_t octets) {
    const std::array wholes{share_of(known_.sides[kLocalSide]), share_of(known_.sides[kRemoteSide])};
    std::vector<std::pair<double, std::size_t>> order;
    order.reserve(known_.exempt.size());
    for (std::size_t i = 0; i < known_.exempt.size(); ++i) order.emplace_back(-harm(known_.exempt[i], wholes), i);
    const auto last = order.begin() + static_cast<std::ptrdiff_t>(std::min(kMaxOffered, order.size()));
    std::ranges::partial_sort(order, last);
    order.erase(last, order.end());
    std::vector<Row<Word>> worst;
    for (const auto& [unused, number] : order) {
      const std::size_t length = room_.of_exemption(to_line(known_.exempt[number]));
      if (length > octets) break;
      octets -= length;
      worst.push_back(known_.exempt[number]);
    }
    order.resize(worst.size());
    std::ranges::sort(order, std::ranges::greater(), &std::pair<double, std::size_t>::second);
    for (const auto& [unused, number] : order) {
      known_.exempt[number] = known_.exempt.back();
      known_.exempt.pop_back();
    }
    return worst;
  }

  // How many ends a side surely fit beside those lines.
  [[nodiscard]] std::size_t max_ends_beside(const std::vector<Row<Word>>& told) const {
    std::size_t left = room_.octets;
    for (const Row<Word>& line : told) left -= room_.of_exemption(to_line(line));
    const std::size_t length = longest_end();
    return length == 0 ? kMaxOffered : std::clamp<std::size_t>(left / (2 * length), 1, kMaxOffered);
  }

  // Of those that a product has: a host's.
  [[nodiscard]] std::size_t longest_end() const {
    const Piece<Word> host{0, leading_ones<Word>(kWidth<Word>), {}};
    return room_.of_end(to_end(host), may_have_ports());
  }

  // Of any protocol, if that is still possible, the sides have none.
  [[nodiscard]] bool may_have_ports() const {
    if (!known_.protocol) return false;
    const auto is_limited = [](const auto& end) { return !end.port.is_any(); };
    return std::ranges::any_of(known_.sides, [&](const auto& side) { return std::ranges::any_of(side, is_limited); }) ||
           std::ranges::any_of(known_.exempt, [](const Row<Word>& line) {
             return !line.local_port.is_any() || !line.remote_port.is_any();
           });
  }

  [[nodiscard]] static double share_of(const std::vector<Piece<Word>>& pieces) {
    double all = 0;
    for (const Piece<Word>& piece : pieces) all += piece.share();
    return all;
  }

  [[nodiscard]] double harm(const Row<Word>& line, const std::array<double, 2>& wholes) const {
    std::array<double, 2> loss{};
    for (const std::size_t side : {kLocalSide, kRemoteSide}) {
      const Piece<Word> hole = side_of(line, side);
      for (const Piece<Word>& piece : known_.sides[side]) {
        if (piece.meets(hole)) loss[side] += piece.common(hole).share();
      }
      loss[side] /= wholes[side];
    }
    return std::min(loss[kLocalSide], loss[kRemoteSide]);
  }

  Knowledge<Word> known_;
  const base::Flow& flow_;
  const OfferRoom& room_;
};

}  // namespace

Offer offer(const Snapshot& snapshot, const Match& match, const base::Flow& flow, const OfferRoom& room) {
  if (flow.source.family() == base::Family::kV4) {
    return Telling(Knowledge<std::uint32_t>::of(snapshot, match), flow, room).run();
  }
  return Telling(Knowledge<base::Uint128>::of(snapshot, match), flow, room).run();
}

std::optional<Offer> offer(const Snapshot& snapshot, const base::Flow& flow, const OfferRoom& room) {
  const auto match = snapshot.first_match(flow);
  if (!match || snapshot.rule(match->rule).action != Action::kProtect) return std::nullopt;
  return offer(snapshot, *match, flow, room);
}

Offer everything(const Snapshot& snapshot, const Match& match) {
  return match.line.family() == base::Family::kV4 ? Knowledge<std::uint32_t>::of(snapshot, match).offer()
                                                  : Knowledge<base::Uint128>::of(snapshot, match).offer();
}

base::Selector offer_box(const Snapshot& snapshot, const Match& match, const base::Flow& flow, DataPlane plane) {
  // Exact first: the smaller box meets fewer earlier lines, so less is cut.
  const auto box = exact(match.line, flow, plane);
  const auto carved = carve(snapshot, match, box, flow, plane);
  return carved == box ? box : exact(carved, flow, plane);
}

}  // namespace policy
