#include "cli/output.hpp"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>

namespace cli {

namespace {

bool& arrived() {
  static bool all = true;
  return all;
}

std::string printable(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\n') || byte == 0x7f) {
      safe += fmt::format("\\x{:02x}", byte);
    } else {
      safe += c;
    }
  }
  return safe;
}

void write(std::FILE* file, std::string line) {
  line += '\n';
  const bool written = std::fwrite(line.data(), 1, line.size(), file) == line.size() && std::fflush(file) == 0;
  if (!written && file == stdout) arrived() = false;
}

}  // namespace

void print(std::string_view line) {
  write(stdout, printable(line));
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
  std::vector<std::size_t> widths(rows_.front().size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += i + 1 < row.size() ? fmt::format("{:<{}}  ", row[i], widths[i]) : row[i];
    }
    cli::print(std::string_view(line).substr(0, line.find_last_not_of(' ') + 1));
  }
}

void print_pairs(const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::size_t width = 0;
  for (const auto& [name, value] : pairs) width = std::max(width, name.size());
  for (const auto& [name, value] : pairs) print(fmt::format("{:<{}}  {}", name, width, value));
}

}  // namespace cli
