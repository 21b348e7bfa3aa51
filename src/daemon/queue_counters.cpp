#include "daemon/queue_counters.hpp"

#include <cstddef>
#include <numeric>
#include <utility>

namespace tedd {

void QueueCounts::add(const nflog::Counters& more) {
  reports.packets += more.packets;
  reports.overruns += more.overruns;
  reports.lost += more.lost;
  reports.malformed += more.malformed;
}

void QueueCounts::add(const inject::Counters& more) {
  packets.sent += more.sent;
  for (std::size_t i = 0; i < packets.failed.size(); ++i) packets.failed[i] += more.failed[i];
}

void add_counters(const QueueCounts& counts, control::Counters& list) {
  const auto add = [&list](const char* name, std::uint64_t value) { list.values.emplace_back(name, value); };
  add("nflog_lost", counts.reports.lost);
  add("nflog_overruns", counts.reports.overruns);
  add("nflog_malformed", counts.reports.malformed);
  const auto& failed = counts.packets.failed;
  const auto of = [&failed](inject::ErrorCode code) { return failed[static_cast<std::size_t>(code)]; };
  std::uint64_t others = std::accumulate(failed.begin(), failed.end(), std::uint64_t{0});
  using enum inject::ErrorCode;
  for (const auto& [name, code] :
       {std::pair{"unsent_no_route", kNoRoute}, std::pair{"unsent_filtered", kFiltered},
        std::pair{"unsent_too_long", kTooLong}, std::pair{"unsent_queue_full", kQueueFull}}) {
    add(name, of(code));
    others -= of(code);
  }
  add("unsent_others", others);
  add("clients_refused", counts.clients_refused);
  add("clients_unread", counts.clients_unread);
  add("clients_unfinished", counts.clients_unfinished);
  add("chains_forgotten", counts.chains_forgotten);
  add("senders_forgotten", counts.senders_forgotten);
  add("certificates_forgotten", counts.certificates_forgotten);
  add("subjects_forgotten", counts.subjects_forgotten);
  add("flows_unreadable", counts.flows_unreadable);
  add("discoveries_unmeasured", counts.discoveries_unmeasured);
}

}  // namespace tedd
