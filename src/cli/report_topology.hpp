// Which networks here are joined to which networks of which peers, by which tunnels.
#pragma once

#include <string>

#include "cli/report_data.hpp"

namespace cli {

/// The picture, and each tunnel in words: HTML.
[[nodiscard]] std::string draw_topology(const ReportData& data);

}  // namespace cli
