#include "cli/report_topology.hpp"

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <map>
#include <set>
#include <utility>

#include "cli/text.hpp"
#include "picture/html.hpp"
#include "picture/svg.hpp"

namespace cli {

namespace {

using picture::place;

constexpr std::size_t kMostTunnels = 24;
constexpr std::size_t kMostRows = 48;  ///< of either side
constexpr std::size_t kLetters = 19;
constexpr double kHere = 124;   ///< where lines leave the networks here
constexpr double kThere = 238;  ///< and where they come to those of peers
constexpr double kBend = 45;    ///< how far from an end a line's point of control is
constexpr double kRow = 20;
constexpr double kTop = 16;

double bent(double from, double by_from, double by_to, double to, double t) {
  const double u = 1 - t;
  return u * u * u * from + 3 * u * u * t * by_from + 3 * u * t * t * by_to + t * t * t * to;
}

/// Where the line between those two heights is at `x`.
double height_at(double x, double from, double to) {
  double low = 0;
  double high = 1;
  for (int i = 0; i < 12; ++i) {
    const double t = (low + high) / 2;
    (bent(kHere, kHere + kBend, kThere - kBend, kThere, t) < x ? low : high) = t;
  }
  return bent(from, from, to, to, low);
}

/// A line of text at one side, in the order in which they stand.
struct Row {
  std::string text;
  bool is_peer = false;  ///< a heading over its networks
  bool is_joined = true;
};

class Drawing {
 public:
  explicit Drawing(const ReportData& data) {
    std::map<base::Address, std::vector<std::size_t>> by_peer;
    for (std::size_t i = 0; i < data.tunnels.size() && i < kMostTunnels; ++i)
      by_peer[data.tunnels[i].peer].push_back(i);
    for (const auto& [peer, tunnels] : by_peer) {
      there_.push_back({peer.text(), true});
      for (const std::size_t i : tunnels) join(i, data.tunnels[i], there_.size());
    }
    for (const control::Peer& peer : data.peers) {
      if (peer.tunnels == 0 && there_.size() < kMostRows) there_.push_back({peer.address.text(), true, false});
    }
  }

  [[nodiscard]] std::string draw() const {
    const double rows = static_cast<double>(std::max(here_.size() + 1, there_.size()));
    std::string nodes = picture::svg_text(kHere, kTop, "here", "end");
    for (std::size_t i = 0; i < here_.size(); ++i) nodes += draw_here(here_[i], y_here(i));
    for (std::size_t i = 0; i < there_.size(); ++i) nodes += draw_there(there_[i], y_there(i));
    std::string lines;
    for (const auto& [tunnel, ends] : edges_) lines += draw_edge(tunnel, ends);
    return picture::svg(kTop + kRow * rows + 6, label(), lines + nodes + names());
  }

 private:
  using Ends = std::pair<std::size_t, std::size_t>;
  struct Tunnel {
    std::size_t number;
    std::string form;

    auto operator<=>(const Tunnel&) const = default;
  };

  /// `first`: where the rows of its peer begin.
  void join(std::size_t number, const control::Tunnel& tunnel, std::size_t first) {
    for (const base::Selector& selector : tunnel.selectors) {
      const auto local = place_of(here_, 0, selector.local.text());
      const auto remote = place_of(there_, heading(first), selector.remote.text());
      if (local && remote) edges_[{number, tunnel.form.value_or("")}].insert({*local, *remote});
    }
  }

  /// The row behind the last heading.
  [[nodiscard]] std::size_t heading(std::size_t at) const {
    while (at > 0 && !there_[at - 1].is_peer) --at;
    return at;
  }

  static std::optional<std::size_t> place_of(std::vector<Row>& rows, std::size_t from, std::string text) {
    const auto found = std::find_if(rows.begin() + static_cast<std::ptrdiff_t>(from), rows.end(),
                                    [&](const Row& row) { return !row.is_peer && row.text == text; });
    if (found != rows.end()) return static_cast<std::size_t>(found - rows.begin());
    if (rows.size() >= kMostRows) return std::nullopt;
    rows.push_back({std::move(text)});
    return rows.size() - 1;
  }

  [[nodiscard]] double y_here(std::size_t row) const {
    // In the middle of what it is joined to.
    const double spare = static_cast<double>(there_.size()) - static_cast<double>(here_.size()) - 1;
    return kTop + kRow * (static_cast<double>(row + 1) + std::max(0.0, spare / 2));
  }
  [[nodiscard]] static double y_there(std::size_t row) { return kTop + kRow * static_cast<double>(row); }

  static std::string draw_here(const Row& row, double y) {
    return picture::svg_text(kHere - 10, y, picture::shortened(row.text, kLetters), "end", "small") +
           fmt::format("<rect class='hosts' x='{}' y='{}' width='7' height='7'/>", place(kHere - 7), place(y - 6));
  }

  static std::string draw_there(const Row& row, double y) {
    if (!row.is_peer) {
      return picture::svg_text(kThere + 10, y, picture::shortened(row.text, kLetters), "start", "small") +
             fmt::format("<rect class='hosts' x='{}' y='{}' width='7' height='7'/>", place(kThere), place(y - 6));
    }
    return fmt::format("<circle class='node{}' cx='{}' cy='{}' r='4'/>", row.is_joined ? "" : " standby",
                       place(kThere + 3.5), place(y - 4)) +
           picture::svg_text(kThere + 10, y, picture::shortened(row.text, 17));
  }

  [[nodiscard]] std::string draw_edge(const Tunnel& tunnel, const std::set<Ends>& ends) const {
    std::string lines;
    const char* kind = tunnel.form == "v3" ? "" : tunnel.form == "draft" ? " old" : " unknown";
    for (const auto& [local, remote] : ends) {
      const double from = y_here(local) - 2.5;
      const double to = y_there(remote) - 2.5;
      lines +=
          fmt::format("<path class='tunnel{}' d='M{} {}C{} {} {} {} {} {}'/>", kind, place(kHere), place(from),
                      place(kHere + kBend), place(from), place(kThere - kBend), place(to), place(kThere), place(to));
    }
    return lines;
  }

  /// Each tunnel's number on its first line, near its end: there they stand apart.
  [[nodiscard]] std::string names() const {
    std::string names;
    std::map<std::size_t, double> taken;  // of each row there: how far from the end there is room
    for (const auto& [tunnel, ends] : edges_) {
      const auto [local, row] = *ends.begin();
      double& x = taken.try_emplace(row, kThere - 14).first->second;
      const std::string name = fmt::format("T{}", tunnel.number + 1);
      const double width = picture::width_of(name, true) + 5;
      const double y = height_at(x - width / 2, y_here(local) - 2.5, y_there(row) - 2.5);
      names += fmt::format("<rect class='core' x='{}' y='{}' width='{}' height='12' rx='6'/>", place(x - width),
                           place(y - 6), place(width)) +
               picture::svg_text(x - width / 2, y + 3.4, name, "middle", "small");
      x -= width + 2;
    }
    return names;
  }

  [[nodiscard]] std::string label() const {
    const auto peers = std::ranges::count_if(there_, &Row::is_peer);
    return fmt::format("{} networks here, joined by {} tunnels to networks of {} peers", here_.size(), edges_.size(),
                       peers);
  }

  std::vector<Row> here_;
  std::vector<Row> there_;
  std::map<Tunnel, std::set<Ends>> edges_;
};

std::string card(std::size_t number, const control::Tunnel& tunnel) {
  const std::string form = tunnel.form == "v3" ? "version 3" : tunnel.form == "draft" ? "draft form" : "form not known";
  std::string html = fmt::format("<li><b>T{}</b> ", number + 1) +
                     picture::escaped(peer_text(tunnel.peer, tunnel.identity) + ", " + tunnel.state) + "<p>" +
                     picture::escaped(fmt::format("rule {} · {} · {} · since {}", tunnel.rule,
                                                  tunnel.initiator ? "we asked" : "the peer asked", form,
                                                  control::text(tunnel.since))) +
                     "</p>";
  for (const base::Selector& selector : tunnel.selectors) {
    html += "<p><code>" + picture::escaped(selector.text()) + "</code></p>";
  }
  return html + "</li>";
}

}  // namespace

std::string draw_topology(const ReportData& data) {
  if (data.tunnels.empty() && data.peers.empty()) return "<p>No peer is known, and no tunnel stands.</p>";
  std::string cards;
  const std::size_t shown = std::min(data.tunnels.size(), kMostTunnels);
  for (std::size_t i = 0; i < shown; ++i) cards += card(i, data.tunnels[i]);
  const std::string note =
      shown < data.tunnels.size()
          ? fmt::format("<p class='key'>The first {} of {} tunnels; <code>tedctl tunnels</code> has all.</p>", shown,
                        data.tunnels.size())
          : std::string();
  return Drawing(data).draw() +
         "<p class='key'>■ network · ○ peer, dashed when no tunnel leads there · line: tunnel; solid: found in version "
         "3, long dashes: in the draft form, short: form not known</p>" +
         note + (cards.empty() ? "<p>No tunnel stands.</p>" : "<ul class='cards'>" + cards + "</ul>") + "\n";
}

}  // namespace cli
