// What one end knows about the traffic of a rule, or was told by the other end, in the width of its family.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/offer.hpp"
#include "policy/piece.hpp"
#include "policy/rows.hpp"
#include "policy/snapshot.hpp"

namespace policy {

/// The two sides of traffic, as indices: what is done to one is done to the other.
inline constexpr std::size_t kLocalSide = 0;
inline constexpr std::size_t kRemoteSide = 1;

/// A base::Offer of that family. Its own rule's number is not kept in the rows.
template <class Word>
struct Knowledge {
  std::optional<base::Protocol> protocol;
  std::array<std::vector<Piece<Word>>, 2> sides;
  std::vector<Row<Word>> exempt;

  /// All there is to know at this end: the rule of `match`, and every line of earlier rules that touches its two sides.
  [[nodiscard]] static Knowledge of(const Snapshot& snapshot, const Match& match);
  /// Exemptions of the other family, which say nothing, are left out.
  [[nodiscard]] static Knowledge of(const base::Offer& offer);
  [[nodiscard]] base::Offer offer() const;

  /// True when some flow of the sides is in the line.
  [[nodiscard]] bool is_touched_by(const Row<Word>& line) const;
};

/// One side of a line.
template <class Word>
[[nodiscard]] Piece<Word> side_of(const Row<Word>& line, std::size_t side) {
  return side == kLocalSide ? Piece<Word>{line.local, line.local_mask, line.local_port}
                            : Piece<Word>{line.remote, line.remote_mask, line.remote_port};
}
template <class Word>
void set_side(Row<Word>& line, std::size_t side, const Piece<Word>& piece) {
  (side == kLocalSide ? line.local : line.remote) = piece.value;
  (side == kLocalSide ? line.local_mask : line.remote_mask) = piece.mask;
  (side == kLocalSide ? line.local_port : line.remote_port) = piece.port;
}

/// P's own address and port on either side; its type and code where it has these.
template <class Word>
[[nodiscard]] std::array<Point<Word>, 2> points_of(const base::Flow& flow) {
  return {Point<Word>{static_cast<Word>(flow.source.value()), flow.source_port},
          Point<Word>{static_cast<Word>(flow.destination.value()), flow.destination_port}};
}

extern template struct Knowledge<std::uint32_t>;
extern template struct Knowledge<base::Uint128>;

}  // namespace policy
