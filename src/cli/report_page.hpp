// One gateway as one page that needs nothing else: its state, who is joined to whom, recent discoveries step by step,
// and when tunnels stood.
#pragma once

#include <string>

#include "cli/report_data.hpp"

namespace cli {

/// Whatever peers and the configuration say stands in it as text.
[[nodiscard]] std::string report_page(const ReportData& data);

}  // namespace cli
