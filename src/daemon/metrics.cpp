#include "daemon/metrics.hpp"

#include <cerrno>
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <exception>
#include <limits>
#include <mutex>
#include <optional>
#include <prometheus/collectable.h>
#include <prometheus/exposer.h>
#include <prometheus/metric_family.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "daemon/metric_catalogue.hpp"

namespace tedd {

namespace {

using Clock = std::chrono::steady_clock;

/// So many connections have one each; others wait until one is free.
constexpr unsigned kThreads = 4;

constexpr std::string_view kAge = "opented_values_age_seconds";

prometheus::MetricType type_of(MetricType type) {
  switch (type) {
    case MetricType::kCounter: return prometheus::MetricType::Counter;
    case MetricType::kGauge: return prometheus::MetricType::Gauge;
    case MetricType::kHistogram: return prometheus::MetricType::Histogram;
  }
  return prometheus::MetricType::Untyped;
}

prometheus::ClientMetric metric_of(const MetricInfo& info, const Sample& sample) {
  prometheus::ClientMetric metric;
  if (!info.label.empty()) metric.label.push_back({std::string(info.label), sample.label});
  if (info.type == MetricType::kCounter) {
    metric.counter.value = sample.value;
  } else {
    metric.gauge.value = sample.value;
  }
  return metric;
}

prometheus::ClientMetric metric_of(const Histogram& histogram) {
  prometheus::ClientMetric metric;
  metric.histogram.sample_count = histogram.count();
  metric.histogram.sample_sum = histogram.sum();
  for (std::size_t i = 0; i < Histogram::kBounds.size(); ++i) {
    metric.histogram.bucket.push_back({histogram.up_to(i), Histogram::kBounds[i]});
  }
  metric.histogram.bucket.push_back({histogram.count(), std::numeric_limits<double>::infinity()});
  return metric;
}

/// Where the loop leaves what the library's thread fetches.
class Board final : public prometheus::Collectable {
 public:
  explicit Board(int bell) : bell_(bell) {}
  Board(const Board&) = delete;
  Board& operator=(const Board&) = delete;
  ~Board() override { ::close(bell_); }

  [[nodiscard]] int bell() const { return bell_; }

  void publish(MetricValues values) {
    eventfd_t rings = 0;
    ::eventfd_read(bell_, &rings);  // fails when it has not rung
    {
      const std::lock_guard lock(mutex_);
      values_ = std::move(values);
      published_ = Clock::now();
      answered_ = asked_;
    }
    changed_.notify_all();
  }

  /// Nobody waits any more: the loop has ended.
  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
  }

  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override {
    std::unique_lock lock(mutex_);
    const std::uint64_t mine = ++asked_;
    ::eventfd_write(bell_, 1);
    changed_.wait_for(lock, Metrics::kPatience, [&] { return closed_ || answered_ >= mine; });
    std::vector<prometheus::MetricFamily> families;
    if (!published_) return families;
    const bool fresh = answered_ >= mine;
    const auto published = *published_;
    const MetricValues values = values_;
    lock.unlock();  // the loop never waits for what is made of them
    for (const MetricInfo& info : metric_catalogue()) {
      prometheus::MetricFamily family{std::string(info.name), std::string(info.help), type_of(info.type), {}};
      for (const Sample& sample : values.samples) {
        if (sample.name == info.name) family.metric.push_back(metric_of(info, sample));
      }
      for (const auto& [name, histogram] : values.histograms) {
        if (name == info.name) family.metric.push_back(metric_of(histogram));
      }
      if (info.name == kAge) {
        const double age = std::chrono::duration<double>(Clock::now() - published).count();
        family.metric.push_back(metric_of(info, {{}, {}, fresh ? 0.0 : age}));
      }
      if (!family.metric.empty()) families.push_back(std::move(family));
    }
    return families;
  }

 private:
  int bell_;  ///< an eventfd: written by whoever scrapes, read by the loop
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  mutable std::uint64_t asked_ = 0;
  std::uint64_t answered_ = 0;
  bool closed_ = false;
  MetricValues values_;
  std::optional<Clock::time_point> published_;
};

}  // namespace

struct Metrics::Body {
  std::shared_ptr<Board> board;
  std::unique_ptr<prometheus::Exposer> exposer;

  explicit Body(int bell) : board(std::make_shared<Board>(bell)) {}
  Body(const Body&) = delete;
  Body& operator=(const Body&) = delete;
  ~Body() { board->close(); }
};

Metrics::Metrics(std::unique_ptr<Body> body) : body_(std::move(body)) {}
Metrics::Metrics(Metrics&&) noexcept = default;
Metrics& Metrics::operator=(Metrics&&) noexcept = default;
Metrics::~Metrics() = default;

base::Result<Metrics, std::string> Metrics::open(const std::string& endpoint) {
  const int bell = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (bell < 0) return std::unexpected("metrics cannot be served: " + std::string(std::strerror(errno)));
  auto body = std::make_unique<Body>(bell);
  try {
    body->exposer = std::make_unique<prometheus::Exposer>(std::vector<std::string>{
        "listening_ports", endpoint, "num_threads", std::to_string(kThreads), "request_timeout_ms",
        std::to_string(std::chrono::milliseconds(Metrics::kRequestWithin).count())});
    body->exposer->RegisterCollectable(body->board);
  } catch (const std::exception& error) {
    // The library names no reason. Nearly always the port is taken: by another program, or by a tedd that is still
    // ending.
    return std::unexpected("metrics cannot be served at " + endpoint + " (" + error.what() +
                           "): see that nobody else listens there ('ss -ltnp'), that the address is one of this "
                           "machine, or change 'metrics' in [gateway]");
  }
  return Metrics(std::move(body));
}

int Metrics::fd() const {
  return body_->board->bell();
}

void Metrics::publish(MetricValues values) {
  body_->board->publish(std::move(values));
}

}  // namespace tedd
