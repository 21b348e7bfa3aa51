#include "cli/columns.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "base/showable.hpp"

namespace cli {

namespace {

constexpr std::size_t kBetween = 2;
constexpr std::size_t kLeastWords = 16;  ///< for words behind something, however narrow it is
constexpr std::size_t kSetIn = 2;        ///< of what goes on in the next line
constexpr std::size_t kLeastRoom = 24;   ///< for the last column, where it goes on in the next line

bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xc0U) != 0x80;
}

std::string padded(const std::string& text, std::size_t width) {
  return text + std::string(width - std::min(width, length_of(text)), ' ');
}

std::string trimmed(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

/// Its words in lines of that width.
std::vector<std::string> wrapped(const std::string& text, std::size_t width) {
  std::vector<std::string> lines(1);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, end - at);
    if (!lines.back().empty() && length_of(lines.back()) + 1 + length_of(word) > width) lines.emplace_back();
    lines.back() += (lines.back().empty() ? "" : " ") + word;
    at = end + 1;
  }
  return lines;
}

void add(std::vector<TableLine>& lines, std::size_t row, const std::string& first, const std::string& text,
         std::size_t room) {
  const std::string indent(length_of(first), ' ');
  const auto parts = room == 0 ? std::vector{text} : wrapped(text, room);
  for (std::size_t i = 0; i < parts.size(); ++i) lines.push_back({trimmed((i == 0 ? first : indent) + parts[i]), row});
}

std::vector<TableLine> blocks(const Rows& rows, std::size_t width) {
  std::vector<TableLine> lines;
  std::size_t widest = 0;
  for (const std::string& name : rows.front()) widest = std::max(widest, length_of(name));
  const std::size_t used = widest + kBetween;
  for (std::size_t row = 1; row < rows.size(); ++row) {
    if (row > 1) lines.push_back({"", row});
    for (std::size_t i = 0; i < rows[row].size(); ++i) {
      const std::string name = i < rows.front().size() ? rows.front()[i] : "";
      add(lines, row, padded(name, used), rows[row][i], width > used ? width - used : 1);
    }
  }
  return lines;
}

}  // namespace

std::size_t length_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, begins_character));
}

std::string cut(std::string_view text, std::size_t width) {
  if (length_of(text) <= width) return std::string(text);
  std::size_t end = 0;
  for (std::size_t seen = 0; end < text.size(); ++end) {
    if (begins_character(text[end]) && ++seen == width) break;
  }
  return width == 0 ? std::string() : std::string(text.substr(0, end)) + "…";
}

namespace {

std::string escaped(std::string_view text, bool keep_lines) {
  std::string safe;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = base::showable_at(text, at);
    if (length != 0) {
      safe += text.substr(at, length);
      at += length;
      continue;
    }
    if (text[at] == '\n' && keep_lines) {
      safe += '\n';
    } else {
      safe += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[at]));
    }
    // What belongs to it goes with it, so that no rest of a character is taken for one.
    for (++at; at < text.size() && !begins_character(text[at]); ++at) {
      safe += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[at]));
    }
  }
  return safe;
}

}  // namespace

std::string printable(std::string_view text) {
  return escaped(text, true);
}

std::string in_one_line(std::string_view text) {
  return escaped(text, false);
}

std::vector<std::string> hanging(const std::string& first, std::string_view text, std::size_t width) {
  const std::size_t before = length_of(first);
  const std::size_t room = std::max(kLeastWords, width - std::min(width, before));
  std::vector<std::string> lines;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line(text.substr(at, end - at));
    for (const std::string& part : width == 0 ? std::vector{line} : wrapped(line, room)) {
      lines.push_back((lines.empty() ? first : std::string(before, ' ')) + part);
    }
    at = end + 1;
  }
  return lines;
}

std::vector<std::string> folded(std::string_view text, std::size_t width) {
  auto lines = hanging("", text, width == 0 ? 0 : std::max(width, kSetIn + 1) - kSetIn);
  for (std::size_t i = 1; i < lines.size(); ++i) lines[i].insert(0, kSetIn, ' ');
  return lines;
}

std::vector<TableLine> lay_out(const Rows& rows, std::size_t width) {
  if (rows.empty() || rows.front().empty()) return {};
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], length_of(row[i]));
    }
  }
  std::size_t before = 0;
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) before += widths[i] + kBetween;
  std::size_t room = 0;
  if (width != 0 && before + widths.back() > width) {
    if (before + kLeastRoom > width) return blocks(rows, width);
    room = width - before;
  }
  std::vector<TableLine> lines;
  for (std::size_t number = 0; number < rows.size(); ++number) {
    const auto& row = rows[number];
    std::string line;
    for (std::size_t i = 0; i + 1 < row.size(); ++i) line += padded(row[i], widths[i] + kBetween);
    add(lines, number, line, row.back(), room);
  }
  return lines;
}

}  // namespace cli
