#include "cli/help.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace cli {

std::string help_of(const CLI::App& app, const std::vector<std::string>& words) {
  const CLI::App* command = &app;
  std::string path = app.get_name();
  for (const std::string& word : words) {
    const auto all = command->get_subcommands({});
    const auto found = std::ranges::find(all, word, [](const CLI::App* one) { return one->get_name(); });
    if (found == all.end()) return {};
    command = *found;
    path += " " + word;
  }
  // Its own help() would be that of the command that was parsed, which is this one.
  return command->get_formatter()->make_help(command, path, CLI::AppFormatMode::Normal);
}

}  // namespace cli
