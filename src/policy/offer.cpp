#include "policy/offer.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
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
  Telling(Knowledge<Word> known, const base::Flow& flow, const Fits& fits)
      : known_(std::move(known)), flow_(flow), fits_(fits) {}

  Offer run() {
    if (auto all = whole()) return *std::move(all);
    compact(known_, flow_);
    if (auto all = whole()) return *std::move(all);
    sort_by_harm();
    for (std::size_t room = kMaxOffered;; room /= 2) {
      Offer part = within(room);
      if (room == 1 || !fits_ || fits_(part)) return part;
    }
  }

 private:
  [[nodiscard]] std::optional<Offer> whole() const {
    for (const std::size_t size :
         {known_.sides[kLocalSide].size(), known_.sides[kRemoteSide].size(), known_.exempt.size()}) {
      if (size > kMaxOffered) return std::nullopt;
    }
    Offer all = known_.offer();
    return !fits_ || fits_(all) ? std::optional(std::move(all)) : std::nullopt;
  }

  // First the lines that take the largest part of the side that they can best be avoided on.
  void sort_by_harm() {
    const std::array wholes{share_of(known_.sides[kLocalSide]), share_of(known_.sides[kRemoteSide])};
    std::vector<std::pair<double, std::size_t>> order;
    order.reserve(known_.exempt.size());
    for (std::size_t i = 0; i < known_.exempt.size(); ++i) order.emplace_back(-harm(known_.exempt[i], wholes), i);
    std::ranges::sort(order);
    std::vector<Row<Word>> lines;
    lines.reserve(order.size());
    for (const auto& [unused, number] : order) lines.push_back(known_.exempt[number]);
    known_.exempt = std::move(lines);
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

  // At most so many ends a side, and exemptions.
  [[nodiscard]] Offer within(std::size_t room) const {
    const auto told = known_.exempt.begin() + static_cast<std::ptrdiff_t>(std::min(room, known_.exempt.size()));
    const Knowledge<Word> avoided{known_.protocol, known_.sides, {told, known_.exempt.end()}};
    // The asking end makes of it what both data planes take; ranges of ports can be told.
    const auto sides = *largest_product<Word>(avoided, nullptr, flow_, DataPlane::kUserspace, room);
    auto part = Knowledge<Word>::of(Offer{sides, {}});
    std::copy_if(known_.exempt.begin(), told, std::back_inserter(part.exempt),
                 [&part](const Row<Word>& line) { return part.is_touched_by(line); });
    return part.offer();
  }

  Knowledge<Word> known_;
  const base::Flow& flow_;
  const Fits& fits_;
};

}  // namespace

Offer offer(const Snapshot& snapshot, const Match& match, const base::Flow& flow, const Fits& fits) {
  if (flow.source.family() == base::Family::kV4) {
    return Telling(Knowledge<std::uint32_t>::of(snapshot, match), flow, fits).run();
  }
  return Telling(Knowledge<base::Uint128>::of(snapshot, match), flow, fits).run();
}

std::optional<Offer> offer(const Snapshot& snapshot, const base::Flow& flow, const Fits& fits) {
  const auto match = snapshot.first_match(flow);
  if (!match || snapshot.rule(match->rule).action != Action::kProtect) return std::nullopt;
  return offer(snapshot, *match, flow, fits);
}

Offer everything(const Snapshot& snapshot, const Match& match) {
  return match.line.family() == base::Family::kV4 ? Knowledge<std::uint32_t>::of(snapshot, match).offer()
                                                  : Knowledge<base::Uint128>::of(snapshot, match).offer();
}

base::Selector offer_box(const Snapshot& snapshot, const Match& match, const base::Flow& flow, DataPlane plane) {
  // Exact first: the smaller box meets fewer earlier lines, so less is cut.
  const auto box = exact(match.line, flow, plane);
  return exact(carve(snapshot, match, box, flow, plane), flow, plane);
}

}  // namespace policy
