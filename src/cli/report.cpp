// `tedctl report`: one gateway as one page.
#include <fmt/format.h>
#include <fstream>
#include <iostream>

#include "cli/commands.hpp"
#include "cli/input.hpp"
#include "cli/report_data.hpp"
#include "cli/report_page.hpp"

namespace cli {

namespace {

/// Its parts are six answers of tedd, with their names.
constexpr std::size_t kMaxFile = 6 * control::kMaxReplyLine + 1024;

template <class T>
base::Result<void, ConnectionError> fetch(const Context& context, control::Command command, T& answer) {
  TED_TRY(auto data, ask(context, {command, {}}));
  answer = std::get<T>(std::move(data));
  return {};
}

base::Result<ReportData, ConnectionError> from_daemon(const Context& context) {
  using control::Command;
  ReportData data;
  if (auto done = fetch(context, Command::kTunnels, data.tunnels); !done) return std::unexpected(done.error());
  if (auto done = fetch(context, Command::kPending, data.pending); !done) return std::unexpected(done.error());
  if (auto done = fetch(context, Command::kPeers, data.peers); !done) return std::unexpected(done.error());
  if (auto done = fetch(context, Command::kRules, data.rules); !done) return std::unexpected(done.error());
  if (auto done = fetch(context, Command::kHistory, data.history); !done) return std::unexpected(done.error());
  // The last: what the others tell came before its time.
  if (auto done = fetch(context, Command::kStatus, data.status); !done) return std::unexpected(done.error());
  return data;
}

base::Result<ReportData, ConnectionError> from_file(const std::string& file) {
  const auto failed = [&](std::string message, std::string hint) {
    return std::unexpected(ConnectionError{ExitStatus::kNo, {file + ": " + std::move(message), std::move(hint)}});
  };
  std::ifstream stream;
  if (file != "-") stream.open(file, std::ios::binary);
  std::istream& input = file == "-" ? std::cin : stream;
  if (!input) return failed("cannot be read", "give what --json wrote");
  const auto text = all_of(input, kMaxFile);
  if (input.bad()) return failed("cannot be read", "give what --json wrote");
  if (!text) return failed("is longer than 384 MiB", "give what --json wrote");
  auto data = report_data_of(*text);
  if (!data) return failed(control::describe(data.error()).message, "it should be what 'tedctl report --json' wrote");
  return *std::move(data);
}

base::Result<void, ConnectionError> write(const std::string& page, const std::string& file) {
  if (file.empty()) {
    std::cout << page << std::flush;
    if (std::cout) return {};
    return std::unexpected(ConnectionError{
        ExitStatus::kNo, {"the page could not be written", "is the disk full? -o FILE writes it elsewhere"}});
  }
  std::ofstream stream(file, std::ios::binary);
  if (stream << page << std::flush) return {};
  return std::unexpected(
      ConnectionError{ExitStatus::kNo, {file + " could not be written", "give -o another file, or free space"}});
}

}  // namespace

ExitStatus run_report(const Context& context, const ReportOptions& options) {
  const auto data = options.from.empty() ? from_daemon(context) : from_file(options.from);
  if (!data) return fail(data.error());
  const std::string text = context.json ? json_text(json_of(*data)) + "\n" : report_page(*data);
  const auto written = write(text, options.output);
  return written ? ExitStatus::kOk : fail(written.error());
}

}  // namespace cli
