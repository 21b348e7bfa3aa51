// What Prometheus reads, served by threads of the library's own. A scrape asks the loop for the values of now: nothing
// is put together while nobody looks.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "daemon/histogram.hpp"

namespace tedd {

struct Sample {
  std::string name;   ///< one of metric_catalogue()
  std::string label;  ///< the value of its label, where it has one
  double value = 0;
};

struct MetricValues {
  std::vector<Sample> samples;
  std::vector<std::pair<std::string, Histogram>> histograms;
};

class Metrics {
 public:
  /// How long a scrape waits for the loop, which may be busy with the kernel. Then it reads what was published last,
  /// and opented_values_age_seconds says so.
  static constexpr auto kPatience = std::chrono::seconds(2);

  /// Whoever connects and does not ask within so long is closed: anybody who reaches the port may come and say nothing.
  static constexpr auto kRequestWithin = std::chrono::seconds(2);

  /// Listens on `HOST:PORT`, or says why it cannot.
  [[nodiscard]] static base::Result<Metrics, std::string> open(const std::string& endpoint);
  Metrics(Metrics&&) noexcept;
  Metrics& operator=(Metrics&&) noexcept;
  ~Metrics();

  /// Readable while a scrape waits: publish().
  [[nodiscard]] int fd() const;
  /// What scrapes read from now on. What is not in metric_catalogue() is left out.
  void publish(MetricValues values);

 private:
  struct Body;
  explicit Metrics(std::unique_ptr<Body> body);
  std::unique_ptr<Body> body_;
};

}  // namespace tedd
