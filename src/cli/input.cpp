#include "cli/input.hpp"

#include <array>
#include <streambuf>

namespace cli {

std::optional<std::string> all_of(std::istream& input, std::size_t most) {
  std::string text;
  for (std::array<char, 64 << 10> part; input;) {
    input.read(part.data(), part.size());
    text.append(part.data(), static_cast<std::size_t>(input.gcount()));
    if (text.size() > most) return std::nullopt;
  }
  return text;
}

bool next_line(std::istream& input, std::string& line, std::size_t most) {
  line.clear();
  bool any = false;
  for (std::streambuf& buffer = *input.rdbuf();;) {
    const int c = buffer.sbumpc();
    if (c == std::streambuf::traits_type::eof()) return any;
    any = true;
    if (c == '\n') return true;
    if (line.size() < most) line += static_cast<char>(c);
  }
}

}  // namespace cli
