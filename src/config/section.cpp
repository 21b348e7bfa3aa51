#include "config/section.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace config {

namespace {

// The distance is quadratic, and no key of ours is nearly as long.
constexpr std::size_t kLongest = 64;

// Levenshtein's distance: insertions, deletions and replacements from one word to the other.
std::size_t distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  for (std::size_t i = 0; i < row.size(); ++i) row[i] = i;
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < to.size(); ++j) {
      const std::size_t replaced = diagonal + (from[i] == to[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

std::string list_of(const std::vector<std::string_view>& words) {
  std::string list;
  for (const auto word : words) {
    if (!list.empty()) list += ", ";
    list += word;
  }
  return list;
}

std::string quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

std::string suggestion(std::string_view given, const std::vector<std::string_view>& known) {
  const auto guess = closest(given, known);
  if (!guess.empty()) return "did you mean " + quoted(guess) + "?";
  return "there are: " + list_of(known);
}

}  // namespace

std::string_view closest(std::string_view given, const std::vector<std::string_view>& known) {
  if (given.size() > kLongest) return {};
  std::string_view best;
  std::size_t best_distance =
      std::min<std::size_t>(3, (given.size() + 1) / 2) + 1;  // two letters swapped are two steps
  for (const auto word : known) {
    const auto steps = distance(given, word);
    if (steps >= best_distance) continue;
    best = word;
    best_distance = steps;
  }
  return best;
}

void Mistakes::add(Position at, std::string message, std::string hint) {
  errors_.push_back({file_, at.line, at.column, std::move(message), std::move(hint)});
}

std::vector<ConfigError> Mistakes::take() && {
  // By the message, too, so that the order never depends on the library (clang refuses libstdc++ 12's stable_sort).
  const auto key = [](const ConfigError& error) { return std::tie(error.line, error.column, error.message); };
  std::ranges::sort(errors_, {}, key);
  return std::move(errors_);
}

const Value* Section::find(std::string_view key) {
  known_.push_back(key);
  const auto entry = std::ranges::find(table_, key, &Entry::key);
  return entry == table_.end() ? nullptr : &entry->value;
}

const Value* Section::require(std::string_view key, std::string_view example) {
  const Value* value = find(key);
  if (value == nullptr) {
    mistakes_.add(at_, title_ + " has no " + quoted(key), "write " + std::string(key) + " = " + std::string(example));
  }
  return value;
}

void Section::wrong_type(std::string_view key, const Value& value, std::string_view wanted, std::string_view hint) {
  mistakes_.add(value.at, quoted(key) + " must be " + std::string(wanted) + ", not " + std::string(value.type()),
                std::string(hint.empty() ? "tedd.toml(5) says what each key takes" : hint));
}

std::optional<Text> Section::text_of(std::string_view key, const Value* value) {
  if (value == nullptr) return std::nullopt;
  if (const auto* text = value->as<std::string>()) return Text{*text, value->at};
  wrong_type(key, *value, "a string");
  return std::nullopt;
}

std::optional<Text> Section::text(std::string_view key) {
  return text_of(key, find(key));
}

std::optional<bool> Section::flag(std::string_view key) {
  const Value* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (const auto* flag = value->as<bool>()) return *flag;
  wrong_type(key, *value, "true or false", "without quotes");
  return std::nullopt;
}

std::optional<std::vector<Text>> Section::texts_of(std::string_view key, const Value* value) {
  if (value == nullptr) return std::nullopt;
  const auto* list = value->as<List>();
  if (list == nullptr) {
    const auto* text = value->as<std::string>();
    wrong_type(key, *value, "a list of strings",
               text == nullptr ? "" : "write " + std::string(key) + " = [\"" + *text + "\"]");
    return std::nullopt;
  }
  std::vector<Text> texts;
  for (const Value& element : *list) {
    if (const auto* text = element.as<std::string>()) {
      texts.push_back({*text, element.at});
    } else {
      wrong_type(key, element, "a list of strings");
    }
  }
  if (list->empty()) {
    const bool is_side = key == "local" || key == "remote";
    mistakes_.add(
        value->at, quoted(key) + " is empty",
        is_side ? "write [\"any\"] for every address; without any the rule matches nothing" : "name at least one");
  }
  if (texts.empty()) return std::nullopt;
  return texts;
}

std::optional<std::vector<Text>> Section::texts(std::string_view key) {
  return texts_of(key, find(key));
}

std::optional<std::size_t> Section::word_of(std::string_view key, const Value* value,
                                            const std::vector<std::string_view>& words) {
  const auto text = text_of(key, value);
  if (!text) return std::nullopt;
  const auto found = std::ranges::find(words, text->value);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  mistakes_.add(text->at, quoted(text->value) + " is no value of " + quoted(key), suggestion(text->value, words));
  return std::nullopt;
}

std::optional<std::size_t> Section::word(std::string_view key, const std::vector<std::string_view>& words) {
  return word_of(key, find(key), words);
}

void Section::refuse_unknown_keys() {
  for (const Entry& entry : table_) {
    if (std::ranges::find(known_, entry.key) != known_.end()) continue;
    mistakes_.add(entry.at, title_ + " has the unknown key " + quoted(entry.key), suggestion(entry.key, known_));
  }
}

}  // namespace config
