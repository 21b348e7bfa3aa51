// Commands of tedctl by their names, and the way to them.
#pragma once

#include <string>
#include <string_view>

namespace CLI {  // NOLINT(readability-identifier-naming): the parser's own
class App;
}  // namespace CLI

namespace cli {

/// `tedctl`, `tedctl pki ca`
[[nodiscard]] std::string path_of(const CLI::App& command);

/// The command of that name right below `above`; null when there is none.
[[nodiscard]] const CLI::App* command_named(const CLI::App& above, std::string_view name);

}  // namespace cli
