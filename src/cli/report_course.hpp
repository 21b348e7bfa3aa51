// Discoveries, each from its first packet to its end, put together from the history.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/flow.hpp"
#include "control/report.hpp"

namespace cli {

/// One discovery.
struct Course {
  enum class End {
    kOpen,    ///< nothing is known of an end: it is under way, or was forgotten with its policy or peer
    kTunnel,  ///< a tunnel stands that carries its flow
    kFailed,
    kObserved,  ///< a tunnel would come up, if this gateway did more than to observe
    kTrace,     ///< somebody asked for it; the answer went there
  };

  std::string rule;  ///< empty for a trace
  base::Flow flow;
  std::optional<base::Address> peer;  ///< who answered last
  std::vector<control::Happening> steps;
  End end = End::kOpen;
  std::string reason;  ///< of a failure
};

/// Those whose beginning the history has, the latest first.
[[nodiscard]] std::vector<Course> courses_of(const control::History& history);

/// A ladder of it, and its steps in words: HTML.
[[nodiscard]] std::string draw_course(const Course& course);

}  // namespace cli
