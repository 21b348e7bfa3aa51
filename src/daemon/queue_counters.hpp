// What was lost where tedd meets the kernel and its clients: queues that were full, packets that had no way out; and
// what tables of the daemon had no room for.
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
  std::uint64_t chains_forgotten = 0;
  std::uint64_t senders_forgotten = 0;
  std::uint64_t certificates_forgotten = 0;
  std::uint64_t subjects_forgotten = 0;
  std::uint64_t flows_unreadable = 0;
  std::uint64_t discoveries_unmeasured = 0;

  void add(const nflog::Counters& more);
  void add(const inject::Counters& more);
};

/// Appends `nflog_lost` and the like.
void add_counters(const QueueCounts& counts, control::Counters& list);

}  // namespace tedd
