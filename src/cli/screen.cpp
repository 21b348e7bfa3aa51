#include "cli/screen.hpp"

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <utility>

#include "cli/columns.hpp"
#include "cli/text.hpp"
#include "cli/tone.hpp"

namespace cli {

namespace {

/// Lines up to a size.
class Page {
 public:
  Page(TerminalSize size, bool colour) : size_(size), colour_(colour) {}

  [[nodiscard]] std::size_t left() const { return size_.rows - std::min(size_.rows, lines_.size()); }
  void add(std::string_view text, Tone tone = Tone::kPlain) {
    if (left() == 0) return;
    std::string line = printable(text);
    std::ranges::replace(line, '\n', ' ');
    line = cut(line, size_.columns);
    lines_.push_back(colour_ ? painted(std::move(line), tone) : std::move(line));
  }
  std::vector<std::string> take() && { return std::move(lines_); }

 private:
  TerminalSize size_;
  bool colour_;
  std::vector<std::string> lines_;
};

bool observes(const control::Status& status) {
  return status.mode == "observe";
}

bool is_well(const control::Status& status) {
  if (observes(status)) return status.state == "running" && !status.reload_error;
  return status.state == "running" && status.charon_connected && status.guard == "in force" &&
         status.openings.value_or(0) == 0 && !status.reload_error;
}

void add_status(Page& page, const control::Status& status) {
  std::vector<std::string> addresses;
  addresses.reserve(status.addresses.size());
  for (const base::Address& address : status.addresses) addresses.push_back(address.text());
  page.add(fmt::format("tedd {}  {}  {}  for {}", status.version, joined(addresses, ", "), status.state,
                       span_text(status.uptime_ms)),
           is_well(status) ? Tone::kGood : Tone::kBad);
  if (observes(status)) page.add("only observes: nothing is protected");
  page.add(fmt::format("guard {}  strongSwan {}  tunnels {}  pending {}  peers {}", status.guard,
                       status.charon_connected ? "there"
                       : observes(status)      ? "not used"
                                               : "AWAY",
                       status.tunnels, status.pending, status.peers));
  if (status.openings.value_or(0) > 0)
    page.add(fmt::format("OPEN in the clear: {} destinations", *status.openings), Tone::kBad);
  if (status.reload_error) page.add("REFUSED reload: " + *status.reload_error, Tone::kBad);
}

/// `room`: lines that it may take.
void add_tunnels(Page& page, const std::vector<control::Tunnel>& tunnels, std::size_t room) {
  if (tunnels.empty()) return page.add("no tunnel", Tone::kFaint);
  Rows rows{{"PEER", "RULE", "STATE", "FORM", "SELECTORS"}};
  const std::size_t shown = tunnels.size() < room ? tunnels.size() : std::max<std::size_t>(room, 2) - 2;
  for (std::size_t i = 0; i < shown; ++i) {
    const control::Tunnel& tunnel = tunnels[i];
    rows.push_back({peer_text(tunnel.peer, tunnel.identity), tunnel.rule, tunnel.state, or_dash(tunnel.form),
                    joined(tunnel.selectors, ", ")});
  }
  const auto lines = lay_out(rows, 0);
  for (std::size_t i = 0; i < lines.size(); ++i) page.add(lines[i].text, i == 0 ? Tone::kHeading : Tone::kPlain);
  if (shown < tunnels.size())
    page.add(fmt::format("and {} more: 'tedctl tunnels'", tunnels.size() - shown), Tone::kFaint);
}

std::string event_text(const control::Event& event) {
  // The day is known to whoever looks on.
  std::string text = fmt::format("{}  {}  {}", control::text(event.time).substr(11, 8), event.id, event.text);
  for (const auto& [name, value] : event.fields) text += fmt::format(" {}={}", name, value);
  return text;
}

}  // namespace

std::vector<std::string> screen(const ScreenData& data, TerminalSize size, bool colour) {
  // The last line says how to leave.
  Page page({size.columns, size.rows - std::min<std::size_t>(size.rows, 1)}, colour);
  add_status(page, data.status);
  page.add("");
  add_tunnels(page, data.tunnels, page.left() / 2);
  page.add("");
  if (data.events.empty()) page.add("no event yet", Tone::kFaint);
  const std::size_t shown = std::min(page.left(), data.events.size());
  for (auto event = data.events.end() - static_cast<std::ptrdiff_t>(shown); event != data.events.end(); ++event) {
    page.add(event_text(*event), tone_of_event(event->id));
  }
  while (page.left() > 0) page.add("");
  std::vector<std::string> lines = std::move(page).take();
  if (size.rows > 0) lines.push_back(cut("q leaves", size.columns));
  return lines;
}

}  // namespace cli
