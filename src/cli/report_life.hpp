// The lives of tunnels, put together from the history and from those that stand.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "cli/report_data.hpp"

namespace cli {

struct Life {
  std::optional<std::int64_t> id;  ///< Tunnel::id
  base::Address peer;
  std::string rule;
  std::string carries;  ///< its selectors; empty where nobody knows any more
  control::Timestamp from;
  std::optional<control::Timestamp> to;     ///< nothing: it stands
  std::vector<control::Timestamp> renewed;  ///< when it got new keys
  std::string why;                          ///< it went, for people; empty while it stands
  bool refused = false;                     ///< it was taken down when it had just come up
  std::optional<std::size_t> standing;      ///< its place among the tunnels that stand
};

/// The latest first.
[[nodiscard]] std::vector<Life> lives_of(const ReportData& data);

/// Bars in time, and each in words: HTML.
[[nodiscard]] std::string draw_lives(const ReportData& data);

}  // namespace cli
