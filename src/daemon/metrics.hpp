// The counters for Prometheus, served by a thread of the library's own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace tedd {

class Metrics {
 public:
  using Values = std::vector<std::pair<std::string, std::uint64_t>>;

  /// Listens on `HOST:PORT`, or says why it cannot.
  [[nodiscard]] static base::Result<Metrics, std::string> open(const std::string& endpoint);
  Metrics(Metrics&&) noexcept;
  Metrics& operator=(Metrics&&) noexcept;
  ~Metrics();

  /// What the next scrape reads: counters named `opented_NAME_total` and gauges named `opented_NAME`.
  void publish(Values counters, Values gauges);

 private:
  struct Body;
  explicit Metrics(std::unique_ptr<Body> body);
  std::unique_ptr<Body> body_;
};

}  // namespace tedd
