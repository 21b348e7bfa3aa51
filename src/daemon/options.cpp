#include "daemon/options.hpp"

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace tedd {

// Of several folders, which systemd separates by colons, the first.
std::string state_folder() {
  const char* folders = std::getenv("STATE_DIRECTORY");
  std::string first = folders != nullptr ? folders : "";
  first.resize(std::min(first.find(':'), first.size()));
  return first;
}

base::Result<Options, std::string> parse_options(int count, char** arguments) {
  Options options;
  options.state = state_folder();
  for (int i = 1; i < count; ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--config") {
      if (++i == count) return std::unexpected("--config needs a file");
      options.config = arguments[i];
    } else if (argument.starts_with("--config=")) {
      options.config = argument.substr(9);
    } else if (argument == "--state") {
      if (++i == count) return std::unexpected("--state needs a folder");
      options.state = arguments[i];
    } else if (argument.starts_with("--state=")) {
      options.state = argument.substr(8);
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
