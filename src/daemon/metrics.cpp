#include "daemon/metrics.hpp"

#include <exception>
#include <mutex>
#include <prometheus/collectable.h>
#include <prometheus/exposer.h>
#include <prometheus/metric_family.h>

namespace tedd {

namespace {

class Board final : public prometheus::Collectable {
 public:
  void publish(Metrics::Values counters, Metrics::Values gauges) {
    const std::lock_guard lock(mutex_);
    counters_ = std::move(counters);
    gauges_ = std::move(gauges);
  }

  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override {
    const std::lock_guard lock(mutex_);
    std::vector<prometheus::MetricFamily> families;
    for (const auto& [name, value] : counters_) {
      prometheus::ClientMetric metric;
      metric.counter.value = static_cast<double>(value);
      families.push_back(
          {"opented_" + name + "_total", "OpenTED counter " + name, prometheus::MetricType::Counter, {metric}});
    }
    for (const auto& [name, value] : gauges_) {
      prometheus::ClientMetric metric;
      metric.gauge.value = static_cast<double>(value);
      families.push_back({"opented_" + name, "OpenTED gauge " + name, prometheus::MetricType::Gauge, {metric}});
    }
    return families;
  }

 private:
  mutable std::mutex mutex_;
  Metrics::Values counters_;
  Metrics::Values gauges_;
};

}  // namespace

struct Metrics::Body {
  std::shared_ptr<Board> board = std::make_shared<Board>();
  std::unique_ptr<prometheus::Exposer> exposer;
};

Metrics::Metrics(std::unique_ptr<Body> body) : body_(std::move(body)) {}
Metrics::Metrics(Metrics&&) noexcept = default;
Metrics& Metrics::operator=(Metrics&&) noexcept = default;
Metrics::~Metrics() = default;

base::Result<Metrics, std::string> Metrics::open(const std::string& endpoint) {
  auto body = std::make_unique<Body>();
  try {
    body->exposer = std::make_unique<prometheus::Exposer>(endpoint, 1);
    body->exposer->RegisterCollectable(body->board);
  } catch (const std::exception& error) {
    return std::unexpected("metrics cannot be served at " + endpoint + ": " + error.what());
  }
  return Metrics(std::move(body));
}

void Metrics::publish(Values counters, Values gauges) {
  body_->board->publish(std::move(counters), std::move(gauges));
}

}  // namespace tedd
