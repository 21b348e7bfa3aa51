// `tedctl import FILE`: another product's configuration as ours, and what of it was not carried over.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <iostream>
#include <unistd.h>

#include "cli/commands.hpp"
#include "cli/input.hpp"
#include "cli/output.hpp"
#include "config/config.hpp"
#include "migrate/ios.hpp"
#include "migrate/swanctl.hpp"

namespace cli {

namespace {

using control::Json;

/// More than any router prints.
constexpr std::size_t kMaxText = std::size_t{64} << 20;

base::TextError too_long(const std::string& file) {
  return {file + " is longer than 64 MiB", "give the part with access lists, crypto maps and interfaces"};
}

base::Result<std::string, base::TextError> text_of(const std::string& file) {
  if (file != "-") {
    auto text = config::read(file);
    if (!text) {
      return std::unexpected(base::TextError{file + " " + text.error().front().message,
                                             "give the file that 'show running-config' or swanctl's configuration is "
                                             "in, or - for standard input"});
    }
    return *std::move(text);
  }
  auto text = all_of(std::cin, kMaxText);
  if (!text) return std::unexpected(too_long(file));
  return *std::move(text);
}

/// A section of swanctl.conf is found in nothing that IOS prints.
bool is_swanctl(std::string_view text) {
  for (auto at = text.find("connections"); at != std::string_view::npos; at = text.find("connections", at + 1)) {
    const auto next = text.find_first_not_of(" \t\r\n", at + 11);
    if (next != std::string_view::npos && text[next] == '{') return true;
  }
  return false;
}

/// What an IOS configuration has that is of use here stands in lines that begin so.
bool is_ios(std::string_view text) {
  static constexpr std::array<std::string_view, 5> kBegin = {"crypto ", "access-list ", "ip access-list ", "interface ",
                                                             "ipv6 access-list "};
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(std::min(text.find_first_not_of(" \t"), text.size()));
    if (std::ranges::any_of(kBegin, [&](std::string_view begin) { return line.starts_with(begin); })) return true;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return false;
}

base::Result<void, base::TextError> write_new(const std::string& file, std::string_view text) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (fd < 0) {
    return std::unexpected(base::TextError{
        file + ": " + std::strerror(errno),
        errno == EEXIST ? "it is left alone: give another name" : "give a name in a folder where you may write"});
  }
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written <= 0) break;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  const bool arrived = ::close(fd) == 0 && text.empty();
  if (!arrived) return std::unexpected(base::TextError{file + " could not be written", "is the disk full?"});
  return {};
}

Json json_of(const migrate::Imported& imported, const std::string& toml) {
  Json findings = Json::array();
  for (const migrate::Finding& one : imported.findings) {
    findings.push(
        Json::object().add("line", one.line).add("text", one.text).add("reason", one.reason).add("lost", one.lost));
  }
  Json json = Json::object();
  json.add("rules", imported.rules.size()).add("lost", imported.lost()).add("findings", std::move(findings));
  return json.add("toml", toml);
}

void show(const std::string& file, const migrate::Imported& imported) {
  for (const migrate::Finding& one : imported.findings) {
    const std::string place = one.line == 0 ? file : fmt::format("{}:{}", file, one.line);
    remark(fmt::format("{}: {}: {}: {}", place, one.lost ? "LOST" : "not carried over", one.text, one.reason));
  }
  const auto lost = std::ranges::count_if(imported.findings, &migrate::Finding::lost);
  const auto count = [](auto number, const char* what) {
    return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
  };
  remark(fmt::format("{}: {}, {} of what protects or exempts traffic lost", file, count(imported.rules.size(), "rule"),
                     lost == 0 ? "nothing" : count(lost, "line")));
}

}  // namespace

ExitStatus run_import(const Context& context, const ImportOptions& options) {
  const auto text = text_of(options.file);
  if (!text) {
    complain(text.error());
    return ExitStatus::kNo;
  }
  if (text->size() > kMaxText) {
    complain(too_long(options.file));
    return ExitStatus::kNo;
  }
  const bool swanctl = options.format ? *options.format == ImportFormat::kSwanctl : is_swanctl(*text);
  if (!options.format && !swanctl && !is_ios(*text)) {
    complain({options.file +
                  " is neither an IOS configuration nor a swanctl.conf: no line of it begins an access list, a "
                  "crypto map or an interface, and there is no section 'connections'",
              "give what 'show running-config' prints, or swanctl.conf with what it includes; ipsec.conf is not read; "
              "--format says which of the two a part of one is"});
    return ExitStatus::kNo;
  }
  const auto imported = swanctl ? migrate::import_swanctl(*text) : migrate::import_ios(*text);
  const std::string toml = migrate::toml_of(imported, options.file);
  if (!context.json) show(options.file, imported);
  if (!options.output.empty()) {
    if (const auto done = write_new(options.output, toml); !done) {
      complain(done.error());
      return ExitStatus::kNo;
    }
  }
  if (context.json) {
    print_json(json_of(imported, toml));
  } else if (options.output.empty()) {
    print(std::string_view(toml).substr(0, toml.size() - 1));
  }
  return imported.lost() ? ExitStatus::kNo : ExitStatus::kOk;
}

}  // namespace cli
