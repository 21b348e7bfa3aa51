#include "policy/outside.hpp"

#include <algorithm>
#include <vector>

#include "policy/region.hpp"
#include "policy/rows.hpp"

namespace policy {

namespace {

using Lists = std::vector<const base::SelectorList*>;

/// How often an end is held against another.
constexpr std::size_t kMaxWork = 1U << 20;

bool has(const base::SelectorList& list, base::Protocol protocol) {
  return !list.protocol || *list.protocol == protocol;
}

// For a list of one protocol that one; else those that others name, and one for all that nobody names.
std::vector<base::Protocol> protocols_in(const base::SelectorList& list, const Lists& others) {
  static constexpr std::uint8_t kEnd = 255;
  if (list.protocol) return {*list.protocol};
  std::vector<base::Protocol> named;
  for (const base::SelectorList* other : others) {
    if (other->protocol) named.push_back(*other->protocol);
  }
  std::vector<base::Protocol> usual{base::Protocol::kUdp, base::Protocol::kTcp, base::Protocol::kIcmp};
  for (std::uint8_t any = 1; any < kEnd; ++any) usual.push_back(static_cast<base::Protocol>(any));
  const auto free = std::ranges::find_if(usual, [&](auto one) { return std::ranges::find(named, one) == named.end(); });
  if (free != usual.end()) named.insert(named.begin(), *free);
  return named;
}

/// Looks for a local and a remote end of one list, or parts of such, that no other list has both: for each other the
/// local end stays out of its local side, or the remote one out of its remote side.
template <class Word>
class Search {
 public:
  Search(const base::SelectorList& list, base::Protocol protocol, const Lists& others, std::size_t& work)
      : protocol_(protocol), local_(side(list.local)), remote_(side(list.remote)), work_(work) {
    for (const base::SelectorList* other : others) {
      if (has(*other, protocol)) others_.push_back({side(other->local), side(other->remote)});
    }
  }

  Outside run() {
    Side no_local;
    Side no_remote;
    if (find(0, no_local, no_remote)) return {Coverage::kPart, found()};
    return {gave_up_ ? Coverage::kUnknown : Coverage::kWhole, {}};
  }

 private:
  using Side = std::vector<Row<Word>>;
  struct Sides {
    Side local;
    Side remote;
  };

  Side side(const std::vector<base::SelectorEnd>& ends) const {
    Side rows;
    for (const base::SelectorEnd& end : ends) {
      const auto any = base::MaskedAddress::any(end.address.family());
      rows.push_back(to_row<Word>({protocol_, end.address, any, end.port, {}}, 0));
    }
    return rows;
  }

  // `taken` is as it was, afterwards.
  bool find(std::size_t next, Side& no_local, Side& no_remote) {
    if (next == others_.size())
      return escapes(local_, no_local, local_part_) && escapes(remote_, no_remote, remote_part_);
    return without(next, others_[next].local, local_, no_local, no_local, no_remote) ||
           without(next, others_[next].remote, remote_, no_remote, no_local, no_remote);
  }
  bool without(std::size_t next, const Side& theirs, const Side& mine, Side& no, Side& no_local, Side& no_remote) {
    const std::size_t before = no.size();
    no.insert(no.end(), theirs.begin(), theirs.end());
    std::optional<Row<Word>> part;
    const bool found = escapes(mine, no, part) && find(next + 1, no_local, no_remote);
    no.resize(before);
    return found;
  }
  bool escapes(const Side& mine, const Side& no, std::optional<Row<Word>>& part) {
    return std::ranges::any_of(mine, [&](const Row<Word>& one) {
      const Coverage coverage = cover<Word>(one, no, work_, part);
      gave_up_ = gave_up_ || coverage == Coverage::kUnknown;
      return coverage == Coverage::kPart;
    });
  }
  [[nodiscard]] base::Selector found() const {
    const base::Selector local = to_line(*local_part_);
    const base::Selector remote = to_line(*remote_part_);
    return {protocol_, local.local, remote.local, local.local_port, remote.local_port};
  }

  base::Protocol protocol_;
  Side local_;
  Side remote_;
  std::vector<Sides> others_;
  std::size_t& work_;
  bool gave_up_ = false;
  std::optional<Row<Word>> local_part_;
  std::optional<Row<Word>> remote_part_;
};

Outside outside(const base::SelectorList& list, const Lists& others, std::size_t& work) {
  for (const base::Protocol protocol : protocols_in(list, others)) {
    const Outside found = list.family() == base::Family::kV4
                              ? Search<std::uint32_t>(list, protocol, others, work).run()
                              : Search<base::Uint128>(list, protocol, others, work).run();
    if (found.coverage != Coverage::kWhole) return found;
  }
  return {Coverage::kWhole, {}};
}

}  // namespace

Outside outside(std::span<const base::SelectorList> lists, std::span<const base::SelectorList> others) {
  std::size_t work = kMaxWork;
  for (const base::SelectorList& list : lists) {
    Lists near;
    for (const base::SelectorList& other : others) {
      if (meet(list, other)) near.push_back(&other);
    }
    const Outside found = outside(list, near, work);
    if (found.coverage != Coverage::kWhole) return found;
  }
  return {Coverage::kWhole, {}};
}

bool meet(const base::SelectorList& one, const base::SelectorList& other) {
  const auto sides_meet = [](const std::vector<base::SelectorEnd>& some, const std::vector<base::SelectorEnd>& others) {
    return std::ranges::any_of(some, [&others](const base::SelectorEnd& end) { return overlap(others, end); });
  };
  return one.family() == other.family() && (!one.protocol || has(other, *one.protocol)) &&
         sides_meet(one.local, other.local) && sides_meet(one.remote, other.remote);
}

}  // namespace policy
