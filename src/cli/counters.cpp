// `tedctl counters`: everything that the daemon counts, drops by their reasons among it.
#include <fmt/format.h>

#include "cli/commands.hpp"

namespace cli {

namespace {

void show(const control::Counters& counters) {
  Pairs pairs;
  pairs.reserve(counters.values.size());
  for (const auto& [name, value] : counters.values) pairs.emplace_back(name, fmt::format("{}", value));
  print_pairs(pairs);
}

}  // namespace

ExitStatus run_counters(const Context& context) {
  return ask_and_show<control::Counters>(context, {control::Command::kCounters, {}}, show);
}

}  // namespace cli
