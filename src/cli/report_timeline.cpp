// When tunnels stood: a bar for each.
#include <algorithm>
#include <cstddef>
#include <fmt/format.h>

#include "cli/report_life.hpp"
#include "cli/text.hpp"
#include "picture/html.hpp"
#include "picture/svg.hpp"

namespace cli {

namespace {

using picture::place;

constexpr std::size_t kMostLives = 24;
constexpr double kLeft = 6;
constexpr double kRight = picture::kSvgWidth - 12;
constexpr double kRow = 32;
constexpr double kBar = 9;
constexpr double kGrid = 2;  ///< that lines of the grid stand out beyond a bar
constexpr int kParts = 3;

/// Time from left to right; now is at the right.
class Scale {
 public:
  Scale(control::Timestamp first, control::Timestamp now)
      : now_(now), span_(std::max<double>(1, static_cast<double>((now - first).count()))) {}

  [[nodiscard]] double x(control::Timestamp at) const {
    const double part = 1 - static_cast<double>((now_ - at).count()) / span_;
    return kLeft + (kRight - kLeft) * std::clamp(part, 0.0, 1.0);
  }
  [[nodiscard]] std::string axis(double height) const {
    std::string axis = picture::svg_line(kLeft, height, kRight, height, "axis");
    for (int part = 0; part <= kParts; ++part) {
      const double x = at_part(part);
      const auto ago = static_cast<std::int64_t>(span_ * (kParts - part) / kParts);
      axis += picture::svg_line(x, height - kGrid, x, height, "grid") +
              picture::svg_text(x, height + 14, part == kParts ? "now" : span_text(ago) + " ago",
                                part == 0        ? "start"
                                : part == kParts ? "end"
                                                 : "middle",
                                "small faint");
    }
    return axis;
  }
  /// Behind one bar: lines through a whole picture would strike its labels through.
  [[nodiscard]] static std::string grid(double y) {
    std::string grid;
    for (int part = 0; part <= kParts; ++part) {
      grid += picture::svg_line(at_part(part), y - kGrid, at_part(part), y + kBar + kGrid, "grid");
    }
    return grid;
  }

 private:
  static double at_part(int part) { return kLeft + (kRight - kLeft) * part / kParts; }

  control::Timestamp now_;
  double span_;
};

std::string name_of(const Life& life) {
  return life.standing ? fmt::format("T{}", *life.standing + 1) : life.refused ? "refused" : "gone";
}

std::string draw_bar(const Life& life, const Scale& scale, control::Timestamp now, double y) {
  const double from = scale.x(life.from);
  const double to = std::max(from + 2, scale.x(life.to.value_or(now)));
  std::string drawn = fmt::format("<rect x='{}' y='{}' width='{}' height='{}' class='bar{}'/>", place(from), place(y),
                                  place(to - from), place(kBar), life.to ? " gone" : "");
  for (const control::Timestamp at : life.renewed) {
    drawn += picture::svg_line(scale.x(at), y, scale.x(at), y + kBar, life.to ? "gone-tick" : "tick");
  }
  if (life.to) {
    drawn += "<path class='cross' d='M" + place(to - 4) + " " + place(y + 0.5) + "l8 8m0 -8l-8 8'/>";
  } else {
    drawn += "<path class='head' d='M" + place(to + 7) + " " + place(y + kBar / 2) + "l-7 -6v12z'/>";
  }
  return drawn;
}

/// Why tunnels went, where several went for the same: said once, and by its letter in their cards.
class Reasons {
 public:
  explicit Reasons(const std::vector<Life>& lives) {
    for (const Life& life : lives) {
      const auto known = std::ranges::find(all_, life.why, &Reason::why);
      if (known != all_.end()) {
        ++known->times;
      } else if (!life.why.empty()) {
        all_.push_back({life.why, 1});
      }
    }
    std::erase_if(all_, [](const Reason& one) { return one.times < 2; });
  }
  [[nodiscard]] std::string in_card(const Life& life) const {
    if (life.why.empty()) return {};
    const auto shared = std::ranges::find(all_, life.why, &Reason::why);
    return "<p class='why'>" + picture::escaped(shared == all_.end() ? life.why : "for reason " + name(shared)) +
           "</p>";
  }
  [[nodiscard]] std::string list() const {
    std::string html;
    for (auto one = all_.begin(); one != all_.end(); ++one) {
      html += fmt::format("<p class='key'>✕ Reason {}, of {} tunnels: ", name(one), one->times) +
              picture::escaped(one->why) + "</p>";
    }
    return html;
  }

 private:
  struct Reason {
    std::string why;
    std::size_t times = 0;
  };
  /// There are at most half as many as lives are shown, and letters for all of them.
  [[nodiscard]] std::string name(std::vector<Reason>::const_iterator one) const {
    static_assert(kMostLives / 2 <= 26);
    return {static_cast<char>('A' + (one - all_.begin()))};
  }

  std::vector<Reason> all_;
};

std::string card(const Life& life, const Reasons& reasons) {
  std::string html = "<li><b>" + (life.to ? std::string(life.refused ? "✕ refused" : "✕ gone") : "▶ " + name_of(life)) +
                     "</b> " + picture::escaped(life.peer.text());
  if (!life.carries.empty()) html += " <code>" + picture::escaped(life.carries) + "</code>";
  html += "<p>" + picture::escaped("up " + control::text(life.from));
  if (!life.renewed.empty()) {
    html += picture::escaped(fmt::format(
        "; new keys {}, last {}", life.renewed.size() == 1 ? "once" : fmt::format("{} times", life.renewed.size()),
        control::text(life.renewed.back())));
  }
  if (life.to) html += picture::escaped("; gone " + control::text(*life.to));
  return html + "</p>" + reasons.in_card(life) + "</li>";
}

}  // namespace

std::string draw_lives(const ReportData& data) {
  std::vector<Life> lives = lives_of(data);
  if (lives.empty()) return "<p>No tunnel has come up.</p>";
  const std::size_t all = lives.size();
  if (all > kMostLives) lives.resize(kMostLives);
  const auto earliest = std::ranges::min_element(lives, {}, &Life::from)->from;
  const Scale scale(earliest, data.now());
  const double height = kRow * static_cast<double>(lives.size()) + 4;
  std::string content = scale.axis(height);
  const Reasons reasons(lives);
  std::string cards;
  double y = 0;
  for (const Life& life : lives) {
    const std::string label = name_of(life) + " " + life.peer.text() + (life.carries.empty() ? "" : " " + life.carries);
    content += picture::svg_text(kLeft, y + 12, picture::shortened(label, 58), "start", "small") + Scale::grid(y + 16) +
               draw_bar(life, scale, data.now(), y + 16);
    cards += card(life, reasons);
    y += kRow;
  }
  const std::string note =
      all > lives.size() ? fmt::format("<p class='key'>The latest {} of {}.</p>", lives.size(), all) : std::string();
  return picture::svg(height + 20, fmt::format("When {} tunnels stood, the latest at the top", lives.size()), content) +
         "<p class='key'>filled bar with an arrow: stands · empty dashed bar with a cross: gone · mark across: new "
         "keys</p>" +
         note + reasons.list() + "<ul class='cards'>" + cards + "</ul>\n";
}

}  // namespace cli
