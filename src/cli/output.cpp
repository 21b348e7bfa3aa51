#include "cli/output.hpp"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <utility>

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

std::size_t width_of_terminal() {
  const auto size = terminal_size();
  return size ? size->columns : 0;
}

}  // namespace

void print(std::string_view line, Tone tone) {
  std::string text = printable(line);
  write(stdout, tone != Tone::kPlain && may_colour() ? painted(std::move(text), tone) : std::move(text));
}

void print_hanging(const std::string& first, std::string_view text, Tone tone) {
  for (const std::string& line : hanging(printable(first), printable(text), width_of_terminal())) print(line, tone);
}

void print_part(std::string_view text) {
  write_part(stdout, printable(text));
}

void print_json(const control::Json& json) {
  write(stdout, json.dump());
}

void complain(const base::TextError& error) {
  write(stderr, "tedctl: " + printable(error.message));
  if (!error.hint.empty()) write(stderr, "        " + printable(error.hint));
}

void remark(std::string_view text) {
  write(stderr, "tedctl: " + printable(text));
}

bool output_arrived() {
  return arrived();
}

void Table::print(std::string_view nothing) const {
  if (rows_.size() == 1) return cli::print(nothing);
  Rows safe = rows_;
  for (auto& row : safe) {
    for (auto& cell : row) cell = printable(cell);
  }
  for (const TableLine& line : lay_out(safe, width_of_terminal())) cli::print(line.text, tones_[line.row]);
}

void print_pairs(const Pairs& pairs) {
  std::size_t width = 0;
  for (const Pair& pair : pairs) width = std::max(width, pair.name.size());
  for (const auto& [name, value, tone] : pairs) print_hanging(fmt::format("{:<{}}  ", name, width), value, tone);
}

}  // namespace cli
