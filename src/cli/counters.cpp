// `tedctl counters`: what the daemon counts, drops by their reasons among it.
#include <algorithm>
#include <array>
#include <cstddef>
#include <fmt/format.h>
#include <string_view>

#include "cli/commands.hpp"

namespace cli {

namespace {

/// Counters whose names begin with one of those words.
struct Group {
  std::string_view heading;
  std::array<std::string_view, 6> words;
};

/// As docs/running.md has them; what begins otherwise is the last one's.
constexpr std::array<Group, 7> kGroups = {{
    {"packets that the guard caught", {"flows", "hosts", "nflog"}},
    {"first packets of rules that hold", {"packets", "held"}},
    {"discoveries of ours", {"discoveries", "observations", "refusals", "path", "unreachable", "unsent"}},
    {"probes", {"probes", "answers", "rate", "asked", "askers", "replays"}},
    {"responses, and what they prove", {"responses", "proofs"}},
    {"tunnels and the guard", {"tunnels", "openings", "guard", "shield"}},
    {"the rest", {}},
}};

std::size_t group_of(std::string_view name) {
  const std::string_view word = name.substr(0, name.find('_'));
  const auto* const found = std::ranges::find_if(
      kGroups, [&](const Group& group) { return std::ranges::find(group.words, word) != group.words.end(); });
  return std::min(static_cast<std::size_t>(found - kGroups.begin()), kGroups.size() - 1);
}

void show(const control::Counters& counters, bool all) {
  std::array<Pairs, kGroups.size()> groups;
  std::size_t width = 0;
  std::size_t zeros = 0;
  for (const auto& [name, value] : counters.values) {
    if (value == 0) ++zeros;
    if (value == 0 && !all) continue;
    width = std::max(width, name.size());
    groups[group_of(name)].emplace_back(name, fmt::format("{}", value));
  }
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (groups[i].empty()) continue;
    print(kGroups[i].heading, Tone::kHeading);
    for (const Pair& pair : groups[i]) print_hanging(fmt::format("  {:<{}}  ", pair.name, width), pair.value);
  }
  if (zeros > 0) {
    print(fmt::format("{} of {} counters {} zero{}", zeros, counters.values.size(), zeros == 1 ? "is" : "are",
                      all ? "" : ": --all shows them, too"));
  }
}

}  // namespace

ExitStatus run_counters(const Context& context, bool all) {
  return ask_and_show<control::Counters>(
      context, {control::Command::kCounters, {}},
      all ? [](const control::Counters& counters) { show(counters, true); }
          : [](const control::Counters& counters) { show(counters, false); });
}

}  // namespace cli
