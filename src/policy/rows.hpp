// The flat form of a policy: one row of values and masks for each line, so that a scan touches little memory.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/flow.hpp"
#include "base/selector.hpp"
#include "base/uint128.hpp"

namespace policy {

/// What of a flow lines are compared with. `Word` holds an address of its family.
template <class Word>
struct Key {
  Word from{};
  Word to{};
  std::uint16_t from_port = 0;
  std::uint16_t to_port = 0;
  std::uint8_t protocol = 0;
};

template <class Word>
[[nodiscard]] Key<Word> to_key(const base::Flow& flow) {
  return {static_cast<Word>(flow.source.value()), static_cast<Word>(flow.destination.value()), flow.source_port,
          flow.destination_port, number(flow.protocol)};
}

/// One line of a rule. `Word` holds an address: 32 bits for IPv4, so that a row is half a cache line, else 128.
template <class Word>
struct alignas(sizeof(Word) == 4 ? 32 : 16) Row {
  Word local;
  Word local_mask;
  Word remote;
  Word remote_mask;
  base::PortRange local_port;
  base::PortRange remote_port;
  std::uint32_t rule;
  std::uint8_t protocol;
  std::uint8_t protocol_mask;  ///< 0: any protocol, else 255

  bool operator==(const Row&) const = default;

  [[nodiscard]] bool contains_addresses(Word from, Word to) const {
    return (((from ^ local) & local_mask) | ((to ^ remote) & remote_mask)) == 0;
  }
  /// Without a branch: which part differs depends on what the network sent. A port that is out of its range is below
  /// zero on one side, which compilers do not take for a condition to jump by.
  [[nodiscard]] bool contains(const Key<Word>& key) const {
    const Word elsewhere = ((key.from ^ local) & local_mask) | ((key.to ^ remote) & remote_mask);
    const int other_protocol = (key.protocol ^ protocol) & protocol_mask;
    const int beyond = (key.from_port - local_port.lo) | (local_port.hi - key.from_port) |
                       (key.to_port - remote_port.lo) | (remote_port.hi - key.to_port);
    return (elsewhere | static_cast<Word>(other_protocol) | static_cast<Word>(static_cast<unsigned>(beyond) >> 31)) ==
           0;
  }
  /// Without a branch, too: rows are compared by the thousand.
  [[nodiscard]] bool overlaps(const Row& other) const {
    const Word elsewhere = ((local ^ other.local) & local_mask & other.local_mask) |
                           ((remote ^ other.remote) & remote_mask & other.remote_mask);
    const int other_protocol = (protocol ^ other.protocol) & protocol_mask & other.protocol_mask;
    const bool ports_meet = static_cast<int>(local_port.lo <= other.local_port.hi) &
                            static_cast<int>(other.local_port.lo <= local_port.hi) &
                            static_cast<int>(remote_port.lo <= other.remote_port.hi) &
                            static_cast<int>(other.remote_port.lo <= remote_port.hi);
    return ((elsewhere | static_cast<Word>(other_protocol)) == 0) & ports_meet;
  }
  /// True when every flow of `other` is in this one.
  [[nodiscard]] bool covers(const Row& other) const {
    const Word elsewhere = (local_mask & ~other.local_mask) | (remote_mask & ~other.remote_mask) |
                           ((local ^ other.local) & local_mask) | ((remote ^ other.remote) & remote_mask);
    const int other_protocol = (protocol_mask & ~other.protocol_mask) | ((protocol ^ other.protocol) & protocol_mask);
    return (elsewhere | static_cast<Word>(other_protocol)) == 0 && local_port.covers(other.local_port) &&
           remote_port.covers(other.remote_port);
  }
};

using RowV4 = Row<std::uint32_t>;
using RowV6 = Row<base::Uint128>;

/// `line` as a row; its family must be the one of `Word`.
template <class Word>
[[nodiscard]] Row<Word> to_row(const base::Selector& line, std::uint32_t rule) {
  const bool any_protocol = !line.protocol.has_value();
  return {.local = static_cast<Word>(line.local.address().value()),
          .local_mask = static_cast<Word>(line.local.mask()),
          .remote = static_cast<Word>(line.remote.address().value()),
          .remote_mask = static_cast<Word>(line.remote.mask()),
          .local_port = line.local_port,
          .remote_port = line.remote_port,
          .rule = rule,
          .protocol = any_protocol ? std::uint8_t{0} : number(*line.protocol),
          .protocol_mask = any_protocol ? std::uint8_t{0} : std::uint8_t{255}};
}

template <class Word>
[[nodiscard]] base::Selector to_line(const Row<Word>& row) {
  static constexpr base::Family kFamily = sizeof(Word) == 4 ? base::Family::kV4 : base::Family::kV6;
  base::Selector line;
  if (row.protocol_mask != 0) line.protocol = static_cast<base::Protocol>(row.protocol);
  line.local = {base::Address(kFamily, row.local), row.local_mask};
  line.remote = {base::Address(kFamily, row.remote), row.remote_mask};
  line.local_port = row.local_port;
  line.remote_port = row.remote_port;
  return line;
}

}  // namespace policy
