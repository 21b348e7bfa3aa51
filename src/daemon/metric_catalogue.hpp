// Every metric that tedd exports: its name, type, label and meaning. docs/metrics.md has the same table.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace tedd {

enum class MetricType : std::uint8_t { kCounter, kGauge, kHistogram };

struct MetricInfo {
  std::string_view name;  ///< as Prometheus sees it
  MetricType type{};
  std::string_view label;  ///< the name of its one label; empty when it has none
  std::string_view help;   ///< one line
};

/// In the order of docs/metrics.md.
[[nodiscard]] std::span<const MetricInfo> metric_catalogue();

/// `counter`, `gauge`, `histogram`
[[nodiscard]] std::string_view text(MetricType type);

}  // namespace tedd
