#include "cli/report_course.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>

namespace cli {

namespace {

/// Of one that goes on failing the last part says enough.
constexpr std::size_t kMostSteps = 24;

bool is_in(const control::Happening& up, const Course& course) {
  if (!up.selectors) return course.peer.has_value() && course.peer == up.peer;
  return std::ranges::any_of(*up.selectors, [&](const auto& one) { return one.contains(course.flow); });
}

/// Puts the history's discoveries together. A gateway has one at a time for a rule and a destination; traces have no
/// rule, and stand beside them.
class Reader {
 public:
  void read(const control::Happening& happening) {
    if (happening.id == "TED-TUNNEL-UP") return end_by(happening);
    if (!happening.flow) return;
    const Key key{happening.rule.value_or(""), happening.flow->destination};
    if (happening.id == "TED-DISCOVERY-STARTED") {
      open_[key] = courses_.size();
      courses_.push_back({.rule = key.first, .flow = *happening.flow, .peer = {}, .steps = {}, .reason = {}});
      if (key.first.empty()) courses_.back().end = Course::End::kTrace;
    }
    const auto found = open_.find(key);
    if (found == open_.end()) return;
    Course& course = courses_[found->second];
    add(course, happening);
    if (happening.peer) course.peer = happening.peer;
    if (happening.id == "TED-WOULD-PROTECT") course.end = Course::End::kObserved;
    if (happening.id != "TED-DISCOVERY-FAILED") return;
    course.end = Course::End::kFailed;
    course.reason = happening.text;
  }

  std::vector<Course> give() && {
    std::ranges::reverse(courses_);
    return std::move(courses_);
  }

 private:
  using Key = std::pair<std::string, base::Address>;

  static void add(Course& course, const control::Happening& happening) {
    if (course.steps.size() < kMostSteps) course.steps.push_back(happening);
  }

  void end_by(const control::Happening& up) {
    for (auto at = open_.begin(); at != open_.end();) {
      Course& course = courses_[at->second];
      if (course.end != Course::End::kOpen || !is_in(up, course)) {
        ++at;
        continue;
      }
      add(course, up);
      course.end = Course::End::kTunnel;
      if (up.peer) course.peer = up.peer;
      at = open_.erase(at);
    }
  }

  std::vector<Course> courses_;
  std::map<Key, std::size_t> open_;  ///< the last of each; one that failed may still have its hold-down end
};

}  // namespace

std::vector<Course> courses_of(const control::History& history) {
  Reader reader;
  for (const control::Happening& happening : history.happenings) reader.read(happening);
  return std::move(reader).give();
}

}  // namespace cli
