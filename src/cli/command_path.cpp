#include "cli/command_path.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace cli {

std::string path_of(const CLI::App& command) {
  const CLI::App* above = command.get_parent();
  return above == nullptr ? command.get_name() : path_of(*above) + " " + command.get_name();
}

const CLI::App* command_named(const CLI::App& above, std::string_view name) {
  const auto all = above.get_subcommands({});
  const auto found = std::ranges::find(all, name, [](const CLI::App* one) { return one->get_name(); });
  return found == all.end() ? nullptr : *found;
}

}  // namespace cli
