#include "policy/knowledge.hpp"

#include <algorithm>
#include <span>

namespace policy {

namespace {

template <class Word>
constexpr base::Family kFamily = kWidth<Word> == 32 ? base::Family::kV4 : base::Family::kV6;

template <class Word>
std::vector<Piece<Word>> pieces_of(std::span<const base::MaskedAddress> addresses, base::PortRange port) {
  std::vector<Piece<Word>> pieces;
  for (const base::MaskedAddress& address : addresses) {
    if (address.family() == kFamily<Word>) pieces.push_back(to_piece<Word>({address, port}));
  }
  return pieces;
}

template <class Word>
std::vector<Piece<Word>> pieces_of(std::span<const base::SelectorEnd> ends) {
  std::vector<Piece<Word>> pieces;
  for (const base::SelectorEnd& end : ends) {
    if (end.address.family() == kFamily<Word>) pieces.push_back(to_piece<Word>(end));
  }
  return pieces;
}

}  // namespace

template <class Word>
Knowledge<Word> Knowledge<Word>::of(const Snapshot& snapshot, const Match& match) {
  const Rule& rule = snapshot.rule(match.rule);
  Knowledge all{rule.protocol,
                {pieces_of<Word>(rule.local, rule.local_port), pieces_of<Word>(rule.remote, rule.remote_port)},
                {}};
  // What touches the smallest box around the rule; each line is then held against the rule's own two sides.
  const base::Selector around{rule.protocol, to_end(covering<Word>(all.sides[kLocalSide])).address,
                              to_end(covering<Word>(all.sides[kRemoteSide])).address, rule.local_port,
                              rule.remote_port};
  snapshot.visit_rows<Word>(around, match.rule, [&all](const Row<Word>& line) {
    if (all.is_touched_by(line)) all.exempt.push_back(line);
    return true;
  });
  return all;
}

template <class Word>
Knowledge<Word> Knowledge<Word>::of(const base::Offer& offer) {
  Knowledge all{offer.proxy.protocol, {pieces_of<Word>(offer.proxy.local), pieces_of<Word>(offer.proxy.remote)}, {}};
  for (const base::Selector& line : offer.exempt) {
    if (line.family() == kFamily<Word>) all.exempt.push_back(to_row<Word>(line, 0));
  }
  return all;
}

template <class Word>
base::Offer Knowledge<Word>::offer() const {
  base::Offer offer{{protocol, to_ends<Word>(sides[kLocalSide]), to_ends<Word>(sides[kRemoteSide])}, {}};
  offer.exempt.reserve(exempt.size());
  for (const Row<Word>& line : exempt) offer.exempt.push_back(to_line(line));
  return offer;
}

template <class Word>
bool Knowledge<Word>::is_touched_by(const Row<Word>& line) const {
  if (protocol && ((line.protocol ^ base::number(*protocol)) & line.protocol_mask) != 0) return false;
  const auto meets = [&](std::size_t side) {
    return std::ranges::any_of(sides[side], [part = side_of(line, side)](const auto& one) { return one.meets(part); });
  };
  return meets(kLocalSide) && meets(kRemoteSide);
}

template struct Knowledge<std::uint32_t>;
template struct Knowledge<base::Uint128>;

}  // namespace policy
