#include "daemon/options.hpp"

#include <string_view>

namespace tedd {

base::Result<Options, std::string> parse_options(int count, char** arguments) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--config") {
      if (++i == count) return std::unexpected("--config needs a file");
      options.config = arguments[i];
    } else if (argument.starts_with("--config=")) {
      options.config = argument.substr(9);
    } else if (argument == "--check") {
      options.mode = Mode::kCheck;
    } else if (argument == "--release") {
      options.mode = Mode::kRelease;
    } else if (argument == "--version") {
      options.mode = Mode::kVersion;
    } else if (argument == "--help" || argument == "-h") {
      options.mode = Mode::kHelp;
    } else {
      return std::unexpected("'" + std::string(argument) + "' is no option of tedd");
    }
  }
  return options;
}

}  // namespace tedd
