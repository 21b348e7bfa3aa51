// `tedctl help`: what --help says, for who types it as a command.
#pragma once

#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): the parser's own
class App;
}  // namespace CLI

namespace cli {

/// What `tedctl WORDS… --help` prints; without words that of `tedctl --help`. Nothing where a word names no command,
/// which mistyped() finds, too.
[[nodiscard]] std::string help_of(const CLI::App& app, const std::vector<std::string>& words);

}  // namespace cli
