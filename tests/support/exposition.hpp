// A strict reader of Prometheus' text format 0.0.4 (the document "Exposition formats" of its project): what it does not
// take, a scraper may not take either.
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace exposition {

using Labels = std::vector<std::pair<std::string, std::string>>;

struct Series {
  std::string name;
  Labels labels;
  double value = 0;
};

struct Family {
  std::string name;
  std::string type;
  std::string help;
  std::vector<Series> series;
};

/// Reads a whole answer; `faults()` is empty when it is well-formed.
class Reader {
 public:
  explicit Reader(std::string_view text) {
    if (text.empty() || text.back() != '\n') fault("the last line does not end");
    while (!text.empty()) {
      const auto end = std::min(text.find('\n'), text.size());
      line_ = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      read_line();
    }
    for (const Family& family : families_) judge(family);
  }

  [[nodiscard]] const std::vector<std::string>& faults() const { return faults_; }
  [[nodiscard]] const std::vector<Family>& families() const { return families_; }
  [[nodiscard]] const Family* find(std::string_view name) const {
    const auto found = std::ranges::find(families_, name, &Family::name);
    return found == families_.end() ? nullptr : &*found;
  }
  /// The value of the series with exactly these labels.
  [[nodiscard]] std::optional<double> value(std::string_view name, const Labels& labels = {}) const {
    for (const Family& family : families_) {
      for (const Series& one : family.series) {
        if (one.name == name && one.labels == labels) return one.value;
      }
    }
    return std::nullopt;
  }

 private:
  void fault(const std::string& what) { faults_.push_back(what + ": " + std::string(line_)); }

  static bool is_name(std::string_view name, bool colon) {
    const auto good = [&](char c, bool first) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (colon && c == ':') ||
             (!first && c >= '0' && c <= '9');
    };
    if (name.empty()) return false;
    for (std::size_t i = 0; i < name.size(); ++i) {
      if (!good(name[i], i == 0)) return false;
    }
    return true;
  }

  void read_line() {
    if (line_.empty()) return;
    if (line_.starts_with("# HELP ")) return read_comment(line_.substr(7), true);
    if (line_.starts_with("# TYPE ")) return read_comment(line_.substr(7), false);
    if (line_.starts_with("#")) return;
    read_series();
  }

  void read_comment(std::string_view rest, bool is_help) {
    const auto space = rest.find(' ');
    const std::string name(rest.substr(0, space));
    if (space == std::string_view::npos || !is_name(name, true)) return fault("no name and text");
    const std::string text(rest.substr(space + 1));
    if (families_.empty() || families_.back().name != name) {
      if (!names_.insert(name).second) fault("its family is in two places");
      families_.push_back({name, {}, {}, {}});
    }
    Family& family = families_.back();
    if (!family.series.empty()) fault("after a sample of its family");
    std::string& place = is_help ? family.help : family.type;
    if (!place.empty()) fault("a second time");
    static const std::set<std::string> kTypes = {"counter", "gauge", "histogram", "summary", "untyped"};
    if (!is_help && !kTypes.contains(text)) fault("no such type");
    place = text;
  }

  void read_series() {
    Series one;
    const auto end = line_.find_first_of("{ ");
    one.name = line_.substr(0, end);
    if (end == std::string_view::npos || !is_name(one.name, true)) return fault("no name");
    std::string_view rest = line_.substr(end);
    if (rest.front() == '{' && !read_labels(rest, one.labels)) return;
    if (!rest.starts_with(" ")) return fault("no space before the value");
    const auto value = number(rest.substr(1));
    if (!value) return fault("no number");
    one.value = *value;
    if (families_.empty() || !belongs(one.name, families_.back())) return fault("no TYPE before it");
    if (!seen_.insert({one.name, one.labels}).second) fault("twice");
    families_.back().series.push_back(std::move(one));
  }

  static bool belongs(std::string_view name, const Family& family) {
    if (family.type.empty()) return false;
    if (family.type == "histogram" || family.type == "summary") {
      return name == family.name + "_sum" || name == family.name + "_count" ||
             (family.type == "histogram" ? name == family.name + "_bucket" : name == family.name);
    }
    return name == family.name;
  }

  // Up to and with the closing brace.
  bool read_labels(std::string_view& rest, Labels& labels) {
    rest.remove_prefix(1);
    while (!rest.starts_with("}")) {
      const auto equals = rest.find("=\"");
      if (equals == std::string_view::npos || !is_name(rest.substr(0, equals), false)) {
        fault("no label");
        return false;
      }
      std::string name(rest.substr(0, equals));
      rest.remove_prefix(equals + 2);
      std::string value;
      while (!rest.empty() && rest.front() != '"') {
        const bool escaped = rest.front() == '\\';
        if (escaped && (rest.size() < 2 || std::string_view("\\\"n").find(rest[1]) == std::string_view::npos)) {
          fault("a bad escape");
          return false;
        }
        value += escaped ? rest[1] == 'n' ? '\n' : rest[1] : rest[0];
        rest.remove_prefix(escaped ? 2 : 1);
      }
      if (rest.empty()) {
        fault("a label without end");
        return false;
      }
      rest.remove_prefix(1);
      for (const auto& other : labels) {
        if (other.first == name) fault("a label twice");
      }
      labels.emplace_back(std::move(name), std::move(value));
      if (rest.starts_with(",")) rest.remove_prefix(1);
    }
    rest.remove_prefix(1);
    return true;
  }

  static std::optional<double> number(std::string_view text) {
    if (text == "+Inf") return std::numeric_limits<double>::infinity();
    if (text == "-Inf") return -std::numeric_limits<double>::infinity();
    if (text == "NaN" || text == "Nan") return std::numeric_limits<double>::quiet_NaN();
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
  }

  void judge(const Family& family) {
    line_ = family.name;
    if (family.help.empty() || family.type.empty()) fault("without HELP or TYPE");
    if (family.series.empty()) fault("without samples");
    if (family.type == "counter") {
      if (!family.name.ends_with("_total")) fault("a counter whose name does not end in _total");
      for (const Series& one : family.series) {
        if (!(one.value >= 0)) fault("a counter below zero");
      }
    }
    if (family.type == "gauge" && family.name.ends_with("_total")) fault("a gauge with a counter's name");
    if (family.type == "histogram") judge_histogram(family);
  }

  // Of one series without further labels: ours have none.
  void judge_histogram(const Family& family) {
    double last_bound = -std::numeric_limits<double>::infinity();
    double last = 0;
    for (const Series& one : family.series) {
      if (one.name != family.name + "_bucket") continue;
      if (one.labels.size() != 1 || one.labels[0].first != "le") return fault("a bucket has the label le");
      const auto bound = number(one.labels[0].second);
      if (!bound || !(*bound > last_bound)) return fault("bounds do not rise");
      if (one.value < last) return fault("buckets do not add up");
      last_bound = *bound;
      last = one.value;
    }
    if (!std::isinf(last_bound)) fault("no bucket for all");
    if (value(family.name + "_count") != last) fault("its count is not that of all");
    if (!value(family.name + "_sum")) fault("no sum");
  }

  std::string_view line_;
  std::vector<Family> families_;
  std::set<std::string> names_;
  std::set<std::pair<std::string, Labels>> seen_;
  std::vector<std::string> faults_;
};

}  // namespace exposition
