#include "daemon/log.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <string>

#include "base/showable.hpp"

namespace tedd {

namespace {

// systemd sets JOURNAL_STREAM when standard error is the journal: only then is "<3>" a priority and not noise.
bool under_journal() {
  static const bool kUnder = std::getenv("JOURNAL_STREAM") != nullptr;  // NOLINT(concurrency-mt-unsafe): one thread
  return kUnder;
}

std::string_view word(Level level) {
  switch (level) {
    case Level::kError: return "error: ";
    case Level::kWarning: return "warning: ";
    case Level::kNotice:
    case Level::kInfo: break;
  }
  return "";
}

// What a peer sent may end up in a line: nothing of it leaves a terminal in another state, or begins a line.
std::string printable(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = base::showable_at(text, at);
    clean += length == 0 ? std::string_view(" ") : text.substr(at, length);
    at += std::max<std::size_t>(length, 1);
  }
  return clean;
}

}  // namespace

void log(Level level, std::string_view id, std::string_view text) {
  const std::string front = under_journal() ? fmt::format("<{}>", static_cast<int>(level)) : std::string("tedd: ");
  const std::string line = fmt::format("{}{}{}{}{}\n", front, id, id.empty() ? "" : " ", word(level), printable(text));
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace tedd
