// What was lost where tedd meets the kernel and its clients: queues that were full, packets that had no way out.
#pragma once

#include <cstdint>

#include "control/report.hpp"
#include "platform/inject/sender.hpp"
#include "platform/nflog/reader.hpp"

namespace tedd {

/// Since tedd began.
struct QueueCounts {
  nflog::Counters reports{};  ///< of all groups
  inject::Counters packets{};
  std::uint64_t clients_refused = 0;
  std::uint64_t clients_unread = 0;
  std::uint64_t clients_unfinished = 0;

  void add(const nflog::Counters& more);
  void add(const inject::Counters& more);
};

/// Appends `nflog_lost` and the like.
void add_counters(const QueueCounts& counts, control::Counters& list);

}  // namespace tedd
