// So that nobody fills the disk by sending datagrams: so many lines of a kind, then a count.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "engine/token_bucket.hpp"

namespace tedd {

/// One bucket for each kind of line, so that a flood of one hides no other. Kinds are ids of docs/events.md, never
/// words of a peer: there are as many buckets as ids.
class LogLimit {
 public:
  /// What a person can read, and a site of some tens of tunnels never reaches.
  static constexpr double kPerSecond = 5;
  static constexpr double kBurst = 50;

  /// How many lines were held back since the last one that was written; nothing: hold this one back, too.
  using Admission = std::optional<std::uint64_t>;

  /// Whether to write a line of this kind now.
  [[nodiscard]] Admission admit(std::string_view kind, base::Instant now);

  struct Kind {
    engine::TokenBucket bucket{kPerSecond, kBurst};
    std::uint64_t held_back = 0;
  };
  /// Stays where it is as long as this object.
  [[nodiscard]] Kind& kind_of(std::string_view name);

  /// True when admit() would hold a line of this kind back now; it counts as held back then, and need not be made.
  [[nodiscard]] static bool holds_back(Kind& kind, base::Instant now);

  /// What an admitted line ends with, so that its reader knows of those held back; empty when there are none.
  [[nodiscard]] static std::string note(std::uint64_t held_back);

 private:
  std::map<std::string, Kind, std::less<>> kinds_;
};

}  // namespace tedd
