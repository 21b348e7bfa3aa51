// A discovery as a ladder: the host, this gateway, and whoever is on the path.
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "cli/report_course.hpp"
#include "cli/text.hpp"
#include "picture/html.hpp"
#include "picture/ladder.hpp"
#include "picture/svg.hpp"

namespace cli {

namespace {

using picture::Step;

constexpr std::size_t kHost = 0;
constexpr std::size_t kHere = 1;
constexpr std::size_t kPeer = 2;

/// How a step of that id is drawn; `from` and `to` the same: it happens there.
struct Drawn {
  std::string_view id;
  std::size_t from;
  std::size_t to;
  std::string_view caption;
  Step::Kind kind = Step::Kind::kSent;
};
constexpr std::array<Drawn, 13> kDrawn = {{
    {"TED-DISCOVERY-STARTED", kHere, kPeer, "probe"},
    {"TED-PROBE-REPEATED", kHere, kPeer, "probe again"},
    {"TED-RESPONSE-ACCEPTED", kPeer, kHere, "answer"},
    {"TED-RESPONSE-KEPT", kPeer, kHere, "another answer"},
    {"TED-RESPONSE-DOWNGRADED", kHere, kHere, "proves less"},
    {"TED-TUNNEL-NARROWED", kHere, kHere, "asks for less"},
    {"TED-NEXT-GATEWAY", kHere, kHere, "next gateway"},
    {"TED-TUNNEL-UP", kHere, kPeer, "tunnel stands", Step::Kind::kCarry},
    {"TED-DISCOVERY-FAILED", kHere, kHere, "failed", Step::Kind::kEnd},
    {"TED-WOULD-PROTECT", kHere, kHere, "would protect"},
    {"TED-HOLD-DOWN-ENDED", kHere, kHere, "hold-down over"},
    {"TED-BYPASS-OPENED", kHere, kHere, "in the clear"},
    {"TED-BYPASS-CLOSED", kHere, kHere, "no more in the clear"},
}};

/// `12 ms`, `1.2 s`, `3 min 5 s`
std::string since(control::Timestamp at, control::Timestamp first) {
  const auto milliseconds = (at - first).count();
  if (milliseconds < 1'000 || milliseconds >= 60'000) return span_text(milliseconds);
  return std::to_string(milliseconds / 1'000) + "." + std::to_string(milliseconds % 1'000 / 100) + " s";
}

class Ladder {
 public:
  explicit Ladder(const Course& course) : first_(course.steps.front().time) {
    for (const control::Happening& step : course.steps) add(step, course.end == Course::End::kTrace);
  }

  [[nodiscard]] const std::vector<Step>& steps() const { return steps_; }

 private:
  void add(const control::Happening& happening, bool is_trace) {
    const std::string when = since(happening.time, first_);
    if (happening.id == "TED-DISCOVERY-STARTED" && !is_trace) {
      steps_.push_back({.when = when, .from = kHost, .to = kHere, .caption = "packet, no tunnel"});
    }
    for (const Drawn& drawn : kDrawn) {
      if (drawn.id != happening.id) continue;
      note_probe(drawn);
      const std::string when_once = steps_.empty() || steps_.back().when != when ? when : std::string();
      steps_.push_back({.when = when_once,
                        .from = drawn.from,
                        .to = drawn.to,
                        .caption = std::string(drawn.caption),
                        .kind = drawn.kind,
                        .loss = "no answer"});
      if (drawn.caption.starts_with("probe")) unanswered_ = steps_.size() - 1;
    }
  }

  /// A probe is answered, or another one and the end tell that it was not.
  void note_probe(const Drawn& drawn) {
    if (!unanswered_) return;
    if (drawn.from == kHere && drawn.kind != Step::Kind::kCarry) steps_[*unanswered_].kind = Step::Kind::kLost;
    unanswered_.reset();
  }

  control::Timestamp first_;
  std::vector<Step> steps_;
  std::optional<std::size_t> unanswered_;
};

std::string outcome(const Course& course) {
  const std::string span = since(course.steps.back().time, course.steps.front().time);
  switch (course.end) {
    case Course::End::kOpen: return "… no end yet";
    case Course::End::kTunnel: return "✓ tunnel after " + span;
    case Course::End::kFailed: return "✗ failed";
    case Course::End::kObserved: return "✓ would be protected";
    case Course::End::kTrace: return course.peer ? "◇ trace, answered" : "◇ trace, no answer so far";
  }
  return {};
}

}  // namespace

std::string draw_course(const Course& course) {
  const std::string flow = course.flow.text();
  const std::string peer = course.peer ? course.peer->text() : "path";
  // What is closed should say why as well.
  const std::string failure = course.reason.empty()
                                  ? std::string()
                                  : " " + picture::escaped(control::text(course.steps.front().time) + ": " +
                                                           picture::shortened(course.reason, 80));
  std::string html =
      "<summary><b>" + outcome(course) + "</b> <code>" + picture::escaped(flow) + "</code>" + failure + "</summary>";
  html += "<p class='key'>" + picture::escaped(control::text(course.steps.front().time)) +
          (course.rule.empty() ? "" : ", rule " + picture::escaped(course.rule)) + "</p>";
  if (!course.reason.empty()) html += "<p class='verdict bad'>✗ " + picture::escaped(course.reason) + "</p>";
  html += picture::draw_ladder(outcome(course) + ": " + flow + ", peer " + peer,
                               {course.flow.source.text(), "this gateway", peer}, Ladder(course).steps());
  html += "<ol class='steps'>";
  for (const control::Happening& step : course.steps) {
    html += "<li><time>" + since(step.time, course.steps.front().time) + "</time> " + picture::escaped(step.id) + ": " +
            picture::escaped(step.text) + "</li>";
  }
  return html + "</ol>";
}

}  // namespace cli
