#include "cli/mistyped.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command_path.hpp"
#include "config/section.hpp"

namespace cli {

namespace {

base::TextError unknown(std::string message, std::string_view word, const std::vector<std::string_view>& known,
                        std::string otherwise) {
  const auto meant = config::closest(word, known);
  return {std::move(message), meant.empty() ? std::move(otherwise) : "did you mean '" + std::string(meant) + "'?"};
}

std::optional<base::TextError> unknown_command(const CLI::App& above, std::string_view word) {
  std::vector<std::string_view> names;
  for (const CLI::App* command : above.get_subcommands({})) names.push_back(command->get_name());
  const std::string path = path_of(above);
  const std::string before = path.substr(std::min(path.size(), path.find(' ') + 1));  // without `tedctl`
  return unknown(
      "there is no command '" + (above.get_parent() == nullptr ? "" : before + " ") + std::string(word) + "'", word,
      names, path + " --help names the commands");
}

/// Its options with their dashes, and those of the commands above it, which it takes as well.
struct Options {
  std::vector<std::string> names;
  std::vector<std::string> with_value;

  explicit Options(const CLI::App* command) {
    for (; command != nullptr; command = command->get_parent()) {
      for (const CLI::Option* option : command->get_options()) add(*option);
    }
  }

 private:
  void add(const CLI::Option& option) {
    for (const std::string& name : option.get_lnames()) add(option, "--" + name);
    for (const std::string& name : option.get_snames()) add(option, "-" + name);
  }
  void add(const CLI::Option& option, const std::string& name) {
    names.push_back(name);
    if (option.get_items_expected_max() > 0) with_value.push_back(name);
  }
};

bool is_among(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

std::optional<base::TextError> unknown_option(const CLI::App& command, const Options& options, std::string_view name) {
  const std::string path = path_of(command);
  return unknown(path + " has no option '" + std::string(name) + "'", name,
                 {options.names.begin(), options.names.end()}, path + " --help names its options");
}

}  // namespace

std::optional<base::TextError> mistyped(const CLI::App& app, int argc, char** argv) {
  const CLI::App* command = &app;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--") break;
    if (word.size() > 1 && word.starts_with('-')) {
      const Options options(command);
      // `--name=value`, `-ovalue`
      const std::string_view name = word.starts_with("--") ? word.substr(0, word.find('=')) : word.substr(0, 2);
      if (!is_among(options.names, name)) return unknown_option(*command, options, name);
      if (name == word && is_among(options.with_value, name)) ++i;
    } else if (!command->get_subcommands({}).empty()) {
      const CLI::App* const found = command_named(*command, word);
      if (found == nullptr) return unknown_command(*command, word);
      // What `help` is asked about is named as it would be without it.
      if (word != "help") command = found;
    }
  }
  return std::nullopt;
}

}  // namespace cli
