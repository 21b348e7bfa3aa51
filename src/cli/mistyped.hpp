// What of a command line that was not understood is mistyped.
#pragma once

#include <optional>

#include "base/text_error.hpp"

namespace CLI {  // NOLINT(readability-identifier-naming): the parser's own
class App;
}  // namespace CLI

namespace cli {

/// The first command or option of the line that `app` does not know, with what may be meant. Nothing when all are
/// known: something else is wrong.
[[nodiscard]] std::optional<base::TextError> mistyped(const CLI::App& app, int argc, char** argv);

}  // namespace cli
