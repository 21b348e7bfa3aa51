#include "cli/output.hpp"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <unistd.h>
#include <utility>

#include "base/showable.hpp"
#include "cli/columns.hpp"
#include "cli/terminal.hpp"

namespace cli {

namespace {

bool& arrived() {
  static bool all = true;
  return all;
}

void write_part(std::FILE* file, std::string_view line) {
  const bool written = std::fwrite(line.data(), 1, line.size(), file) == line.size() && std::fflush(file) == 0;
  if (!written && file == stdout) arrived() = false;
}

void write(std::FILE* file, std::string line) {
  write_part(file, line += '\n');
}

std::size_t width_of_terminal(int descriptor = STDOUT_FILENO) {
  const auto size = terminal_size(descriptor);
  return size ? size->columns : 0;
}

void say(const std::string& first, std::string_view text) {
  for (std::string& line : hanging(first, printable(text), width_of_terminal(STDERR_FILENO))) {
    write(stderr, std::move(line));
  }
}

}  // namespace

void print(std::string_view line, Tone tone) {
  std::string text = printable(line);
  write(stdout, tone != Tone::kPlain && may_colour() ? painted(std::move(text), tone) : std::move(text));
}

void print_hanging(const std::string& first, std::string_view text, Tone tone) {
  for (const std::string& line : hanging(in_one_line(first), printable(text), width_of_terminal())) print(line, tone);
}

void print_folded(std::string_view text, Tone tone) {
  for (const std::string& line : folded(printable(text), width_of_terminal())) print(line, tone);
}

void print_part(std::string_view text) {
  write_part(stdout, printable(text));
}

void print_line(std::string_view text) {
  print(in_one_line(text));
}

void print_json(const control::Json& json) {
  write(stdout, json_text(json));
}

// Line feeds and other control characters below the blank are escaped in any JSON; what is left stands inside of
// strings, where an escape means the same.
std::string json_text(const control::Json& json) {
  const std::string text = json.dump();
  std::string safe;
  safe.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = base::showable_at(text, at);
    if (length != 0) {
      safe += text.substr(at, length);
      at += length;
      continue;
    }
    const auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(text[at + i])); };
    // dump() writes whole UTF-8, and what is not showable has three bytes at most.
    const std::size_t whole = byte(0) < 0x80 ? 1 : byte(0) < 0xe0 ? 2 : 3;
    const unsigned code = whole == 1   ? byte(0)
                          : whole == 2 ? (byte(0) & 0x1fU) << 6U | (byte(1) & 0x3fU)
                                       : (byte(0) & 0x0fU) << 12U | (byte(1) & 0x3fU) << 6U | (byte(2) & 0x3fU);
    safe += fmt::format("\\u{:04x}", code);
    at += whole;
  }
  return safe;
}

void complain(const base::TextError& error) {
  say("tedctl: ", error.message);
  if (!error.hint.empty()) say("        ", error.hint);
}

void remark(std::string_view text) {
  say("tedctl: ", text);
}

bool output_arrived() {
  return arrived();
}

void Table::print(std::string_view nothing) const {
  if (rows_.size() == 1) return cli::print(nothing);
  Rows safe = rows_;
  for (auto& row : safe) {
    for (auto& cell : row) cell = in_one_line(cell);
  }
  for (const TableLine& line : lay_out(safe, width_of_terminal())) cli::print(line.text, tones_[line.row]);
}

void print_pairs(const Pairs& pairs) {
  std::size_t width = 0;
  for (const Pair& pair : pairs) width = std::max(width, pair.name.size());
  for (const auto& [name, value, tone] : pairs) print_hanging(fmt::format("{:<{}}  ", name, width), value, tone);
}

}  // namespace cli
