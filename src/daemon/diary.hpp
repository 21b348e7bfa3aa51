// What happened lately to each destination and with each peer: what `tedctl why` tells.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/recent.hpp"
#include "base/time.hpp"
#include "engine/report.hpp"

namespace tedd {

/// Keeps the reports of discoveries and tunnels by the host that they are about, or by the peer where no flow is named.
/// What becomes of others' probes is not kept: anybody can send them.
class Diary {
 public:
  /// At most so many hosts and peers; the one of which nothing was heard for longest goes.
  static constexpr std::size_t kMaxSubjects = 1'024;
  /// The latest of each: some three discoveries that fail.
  static constexpr std::size_t kMaxSteps = 16;

  struct Step {
    base::Instant at;
    engine::ReportId id{};
    std::string text;
    std::optional<base::Address> peer;
  };

  void note(const engine::Report& report, base::Instant now);
  /// What was noted of that destination, and of the peer that was named last in it; the earliest first.
  [[nodiscard]] std::vector<Step> about(const base::Address& destination) const;

  /// Hosts and peers that made room for others.
  [[nodiscard]] std::uint64_t forgotten() const { return forgotten_; }

 private:
  using Steps = std::deque<Step>;

  std::uint64_t forgotten_ = 0;
  base::Recent<base::Address, Steps> subjects_{kMaxSubjects, forgotten_};
};

/// What happened again and again is told once, as of the last time, with how often.
[[nodiscard]] std::vector<Diary::Step> told_once(const std::vector<Diary::Step>& steps);

}  // namespace tedd
