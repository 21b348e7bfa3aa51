#include "cli/help.hpp"

#include <CLI/CLI.hpp>

#include "cli/command_path.hpp"

namespace cli {

std::string help_of(const CLI::App& app, const std::vector<std::string>& words) {
  const CLI::App* command = &app;
  for (const std::string& word : words) {
    command = command_named(*command, word);
    if (command == nullptr) return {};
  }
  // Its own help() would be that of the command that was parsed, which is this one.
  return command->get_formatter()->make_help(command, path_of(*command), CLI::AppFormatMode::Normal);
}

}  // namespace cli
