// The text of a ruleset, line by line.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/nft/edition.hpp"
#include "platform/nft/match.hpp"

namespace nft {

/// Appends lines with the indentation of their depth.
class Text {
 public:
  explicit Text(Edition edition) : edition_(edition) {}

  /// What a chain or a set is called in this edition.
  [[nodiscard]] std::string name(std::string_view of) const { return named(of, edition_); }
  void line(const std::string& text) { text_ += std::string(depth_, '\t') + text + "\n"; }
  void open(const std::string& text) {
    line(text + " {");
    ++depth_;
  }
  void open_chain(std::string_view of) { open("chain " + name(of)); }
  void close() {
    --depth_;
    line("}");
  }
  /// `match verdict` for each match, with a comment on each.
  void rules(const std::vector<std::string>& matches, const std::string& verdict, const std::string& comment) {
    for (const auto& match : matches) line(match + verdict + " comment " + quote(comment));
  }
  [[nodiscard]] std::string take() && { return std::move(text_); }

 private:
  Edition edition_;
  std::string text_;
  std::size_t depth_ = 0;
};

}  // namespace nft
