// What went between some parties, in time: a line down for each, a rung for each step.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace picture {

struct Step {
  enum class Kind {
    kSent,   ///< from one to another
    kLost,   ///< the same, and it did not arrive, or nothing came of it
    kCarry,  ///< drawn heavily: from now on a tunnel carries what goes between the two
    kEnd,    ///< it ended in failure there
  };

  std::string when;     ///< short
  std::size_t from{};   ///< number of a column
  std::size_t to{};     ///< the same: something that happened there
  std::string caption;  ///< a few words
  Kind kind = Kind::kSent;
  std::string loss = "lost";  ///< of one that is lost: in a word or two, what became of it
};

/// `label` says in words what it shows. Columns stand in that order from left to right, at most six. Steps are drawn
/// one below the other, in equal distance whatever the time between them.
[[nodiscard]] std::string draw_ladder(std::string_view label, const std::vector<std::string>& columns,
                                      const std::vector<Step>& steps);

}  // namespace picture
