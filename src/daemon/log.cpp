#include "daemon/log.hpp"

#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <string>

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

// What a peer sent may end up in a line: no control character leaves a terminal in another state.
std::string printable(std::string_view text) {
  std::string clean(text);
  for (char& c : clean) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
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
