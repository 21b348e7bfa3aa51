#include "migrate/settings.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "migrate/words.hpp"

namespace migrate {

namespace {

class Reader {
 public:
  Reader(std::string_view text, std::vector<Finding>& findings) : text_(text), findings_(findings) {}

  Settings read() {
    Settings root;
    read_section(root, 0);
    return root;
  }

 private:
  void find(std::string text, std::string reason) {
    findings_.push_back({line_, std::move(text), std::move(reason), true});
  }

  [[nodiscard]] char peek() const { return text_.empty() ? '\0' : text_.front(); }
  void skip(std::size_t count = 1) {
    line_ += static_cast<std::uint32_t>(std::ranges::count(text_.substr(0, count), '\n'));
    text_.remove_prefix(std::min(count, text_.size()));
  }
  void skip_line() { skip(std::min(text_.find('\n'), text_.size())); }

  // Up to what is none of these; comments are blank.
  void skip_blank(std::string_view blanks) {
    while (!text_.empty()) {
      if (peek() == '#') {
        skip_line();
      } else if (blanks.find(peek()) != std::string_view::npos) {
        skip();
      } else {
        return;
      }
    }
  }

  /// Where a section's own sections stand in it, by name: a file may hold very many connections.
  using Places = std::unordered_map<std::string, std::size_t>;

  // Up to and with the closing brace, or the end of the text.
  void read_section(Settings& section, std::size_t depth) {
    Places places;
    for (;;) {
      skip_blank(" \t\r\n");
      if (text_.empty()) return;
      if (peek() == '}') {
        if (depth == 0) {
          find("}", "a brace that closes nothing");
          skip();
          continue;
        }
        return skip();
      }
      read_entry(section, places, depth);
    }
  }

  void read_entry(Settings& section, Places& places, std::size_t depth) {
    const std::uint32_t line = line_;
    const auto end = std::min(text_.find_first_of("={}#\n"), text_.size());
    std::string_view head = trimmed(text_.substr(0, end));
    skip(end);
    if (head.starts_with("include") && head.find_first_of(" \t") == 7) {
      skip_line();
      return find(std::string(head), "included files are not read: import them as well, or put them in here");
    }
    if (peek() == '=') {
      skip();
      section.values.push_back({std::string(head), value(), line});
      return;
    }
    skip_blank(" \t\r\n");  // the brace may stand on the next line
    if (peek() != '{' || head.empty()) {
      find(std::string(head.substr(0, 80)), "neither a setting nor a section");
      if (peek() == '{') skip();
      return;
    }
    skip();
    Settings inner;
    inner.line = line;
    inner.name = trimmed(head.substr(0, head.find(':')));
    if (const auto colon = head.find(':'); colon != std::string_view::npos) read_bases(head.substr(colon + 1), inner);
    if (depth >= kMaxDepth) {
      find(inner.name, "too many sections within sections");
      return;
    }
    read_section(inner, depth + 1);
    // A section that comes again goes on.
    const auto [place, is_new] = places.try_emplace(inner.name, section.sections.size());
    if (is_new) {
      section.sections.push_back(std::move(inner));
    } else {
      merge(section.sections[place->second], std::move(inner));
    }
  }

  static void merge(Settings& into, Settings from) {
    std::ranges::move(from.values, std::back_inserter(into.values));
    std::ranges::move(from.sections, std::back_inserter(into.sections));
    std::ranges::move(from.bases, std::back_inserter(into.bases));
  }

  static void read_bases(std::string_view text, Settings& section) {
    while (!text.empty()) {
      const auto end = text.find(',');
      section.bases.emplace_back(trimmed(text.substr(0, end)));
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
  }

  std::string value() {
    skip_blank(" \t\r");
    if (peek() == '"') return quoted();
    const auto end = std::min(text_.find_first_of("#}\n"), text_.size());
    std::string all(trimmed(text_.substr(0, end)));
    skip(end);
    return all;
  }

  std::string quoted() {
    std::string all;
    skip();
    while (!text_.empty() && peek() != '"') {
      if (peek() == '\\' && text_.size() > 1) skip();
      all += peek();
      skip();
    }
    if (text_.empty()) find(all.substr(0, 80), "a quote that does not end");
    skip();
    return all;
  }

  std::string_view text_;
  std::vector<Finding>& findings_;
  std::uint32_t line_ = 1;
};

}  // namespace

const Setting* Settings::find(std::string_view key) const {
  const auto found = std::ranges::find(values.rbegin(), values.rend(), key, &Setting::key);
  return found == values.rend() ? nullptr : &*found;
}

const Settings* Settings::section(std::string_view key) const {
  const auto found = std::ranges::find(sections, key, &Settings::name);
  return found == sections.end() ? nullptr : &*found;
}

Settings read_settings(std::string_view text, std::vector<Finding>& findings) {
  return Reader(text, findings).read();
}

}  // namespace migrate
