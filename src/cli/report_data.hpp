// What a report is made of: the daemon's answers, taken together.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "control/json.hpp"
#include "control/reply.hpp"
#include "control/report.hpp"

namespace cli {

struct ReportData {
  control::Status status;
  std::vector<control::Tunnel> tunnels;
  std::vector<control::Pending> pending;
  std::vector<control::Peer> peers;
  std::vector<control::RuleInfo> rules;
  control::History history;

  /// When the daemon answered, by its own clock.
  [[nodiscard]] control::Timestamp now() const { return status.since + std::chrono::milliseconds(status.uptime_ms); }

  bool operator==(const ReportData&) const = default;
};

/// `{"status": …, "tunnels": …, "pending": …, "peers": …, "rules": …, "history": …}`, each as its command has it.
[[nodiscard]] control::Json json_of(const ReportData& data);

/// The data of which json_of() made the text. Errors name the member that is missing or is not as it should be.
[[nodiscard]] base::Result<ReportData, control::Error> report_data_of(std::string_view text);

}  // namespace cli
