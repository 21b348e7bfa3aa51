// Reading one table of the file: typed keys, and a record of everything that is wrong.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text_error.hpp"
#include "config/config.hpp"
#include "config/document.hpp"

namespace config {

/// Collects mistakes; reading goes on behind each one.
class Mistakes {
 public:
  explicit Mistakes(std::string file) : file_(std::move(file)) {}

  void add(Position at, std::string message, std::string hint = {});
  void add(Position at, base::TextError error) { add(at, std::move(error.message), std::move(error.hint)); }

  [[nodiscard]] bool empty() const { return errors_.empty(); }
  /// In the order of the file.
  [[nodiscard]] std::vector<ConfigError> take() &&;

 private:
  std::string file_;
  std::vector<ConfigError> errors_;
};

/// A string of the file and its place.
struct Text {
  std::string value;
  Position at;
};

/// A table under reading. Each key is asked for once; the keys that were never asked for are the unknown ones, and the
/// others are what a typing mistake may have meant. `table` must outlive it.
class Section {
 public:
  /// `title` is how messages call it: `[gateway]`, `rule 'web'`.
  Section(const Table& table, Position at, std::string title, Mistakes& mistakes)
      : table_(table), at_(at), title_(std::move(title)), mistakes_(mistakes) {
    known_.reserve(kUsualKeys);
  }

  [[nodiscard]] Position at() const { return at_; }
  [[nodiscard]] const std::string& title() const { return title_; }
  void rename(std::string title) { title_ = std::move(title); }
  [[nodiscard]] Mistakes& mistakes() { return mistakes_; }

  /// The value of a key, or nothing.
  [[nodiscard]] const Value* find(std::string_view key);
  /// The same, but a missing key is a mistake; `example` goes into the hint.
  [[nodiscard]] const Value* require(std::string_view key, std::string_view example);

  /// A key's value as that type; nothing when it is absent, or a mistake that is now recorded.
  [[nodiscard]] std::optional<Text> text(std::string_view key);
  [[nodiscard]] std::optional<bool> flag(std::string_view key);
  [[nodiscard]] std::optional<std::vector<Text>> texts(std::string_view key);
  /// One of `words`: its place in the list.
  [[nodiscard]] std::optional<std::size_t> word(std::string_view key, const std::vector<std::string_view>& words);

  /// Typed access to a value that find() or require() gave; `value` may be null.
  [[nodiscard]] std::optional<Text> text_of(std::string_view key, const Value* value);
  [[nodiscard]] std::optional<std::vector<Text>> texts_of(std::string_view key, const Value* value);
  [[nodiscard]] std::optional<std::size_t> word_of(std::string_view key, const Value* value,
                                                   const std::vector<std::string_view>& words);

  /// `value` is of a type that `key` does not take.
  void wrong_type(std::string_view key, const Value& value, std::string_view wanted, std::string_view hint = {});

  /// Reports the keys that were never asked for.
  void refuse_unknown_keys();

 private:
  static constexpr std::size_t kUsualKeys = 16;

  const Table& table_;
  Position at_;
  std::string title_;
  Mistakes& mistakes_;
  std::vector<std::string_view> known_;
};

/// The word of `known` that `given` is most likely a misspelling of; empty when there is none close enough.
[[nodiscard]] std::string_view closest(std::string_view given, const std::vector<std::string_view>& known);

}  // namespace config
