#include "config/plain_rules.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "base/number.hpp"

namespace config {

namespace {

constexpr std::string_view kHeader = "[[rule]]";
/// What a rule of the usual keys has.
constexpr std::size_t kUsualKeys = 8;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_key_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '-';
}

// In strings and comments.
bool is_printable(char c) {
  return (c >= ' ' && c <= '~') || c == '\t';
}

/// From the beginning of the text to its end; each member that is false or nothing has met what is not plain.
class Reader {
 public:
  Reader(std::string_view text, std::uint32_t first_line) : text_(text), line_(first_line) {}

  std::optional<List> read() {
    List rules;
    for (; skip_blank(); skip_end_of_line()) {
      if (at_end()) return rules;
      if (peek() == '[') {
        const Position at = position();
        if (!skip(kHeader)) return std::nullopt;
        rules.push_back({Table{}, at});
        std::get<Table>(rules.back().data).reserve(kUsualKeys);
      } else if (peek() != '\n') {
        if (rules.empty() || !read_entry(std::get<Table>(rules.back().data))) return std::nullopt;
      }
      if (!skip_blank() || !at_end_of_line()) return std::nullopt;
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  [[nodiscard]] char peek() const { return at_end() ? '\0' : text_[at_]; }
  [[nodiscard]] bool at_end_of_line() const { return at_end() || text_[at_] == '\n'; }
  [[nodiscard]] Position position() const { return {line_, static_cast<std::uint32_t>(at_ - line_begin_ + 1)}; }

  bool skip(std::string_view expected) {
    if (!text_.substr(at_).starts_with(expected)) return false;
    at_ += expected.size();
    return true;
  }
  void skip_end_of_line() {
    if (at_end()) return;
    line_begin_ = ++at_;
    ++line_;
  }
  void skip_spaces() {
    while (peek() == ' ' || peek() == '\t') ++at_;
  }
  // Spaces, and a comment up to the end of its line.
  bool skip_blank() {
    skip_spaces();
    if (peek() != '#') return true;
    take_while(is_printable);
    return at_end_of_line();
  }
  bool skip_blank_lines() {
    while (skip_blank()) {
      if (at_end() || peek() != '\n') return true;
      skip_end_of_line();
    }
    return false;
  }

  std::string_view take_while(auto predicate) {
    const std::size_t begin = at_;
    while (!at_end() && predicate(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  bool read_entry(Table& table) {
    const Position at = position();
    const std::string_view key = take_while(is_key_character);
    skip_spaces();
    if (key.empty() || !skip("=") || std::ranges::find(table, key, &Entry::key) != table.end()) return false;
    skip_spaces();
    auto value = peek() == '[' ? read_list() : read_single();
    if (!value) return false;
    table.push_back({std::string(key), at, *std::move(value)});
    return true;
  }

  std::optional<Value> read_list() {
    const Position at = position();
    List list;
    ++at_;
    for (bool separated = true; skip_blank_lines(); separated = skip(",")) {
      if (skip("]")) return Value{std::move(list), at};
      if (!separated) return std::nullopt;
      auto element = read_single();
      if (!element || !skip_blank_lines()) return std::nullopt;
      list.push_back(*std::move(element));
    }
    return std::nullopt;
  }

  std::optional<Value> read_single() {
    const Position at = position();
    if (peek() == '"' || peek() == '\'') return read_string(at);
    if (is_digit(peek())) return read_number(at);
    const std::string_view word = take_while(is_key_character);
    if (word == "true" || word == "false") return Value{word == "true", at};
    return std::nullopt;
  }

  // Three quotes begin another kind of string: here the first two are all of it, and what follows is no end of it.
  std::optional<Value> read_string(Position at) {
    const char quote = text_[at_++];
    const std::string_view text =
        take_while([quote](char c) { return is_printable(c) && c != quote && (c != '\\' || quote == '\''); });
    if (peek() != quote) return std::nullopt;
    ++at_;
    return Value{std::string(text), at};
  }

  std::optional<Value> read_number(Position at) {
    const std::string_view digits = take_while(is_digit);
    const auto number = base::parse_number<std::uint64_t>(digits, std::numeric_limits<std::int64_t>::max());
    if (!number || (digits.size() > 1 && digits.front() == '0')) return std::nullopt;
    return Value{static_cast<std::int64_t>(*number), at};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_begin_ = 0;
  std::uint32_t line_;
};

}  // namespace

std::optional<List> read_plain_rules(std::string_view text, std::uint32_t first_line) {
  return Reader(text, first_line).read();
}

}  // namespace config
