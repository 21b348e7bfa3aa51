#include "cli/report_page.hpp"

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>

#include "cli/report_course.hpp"
#include "cli/report_life.hpp"
#include "cli/report_topology.hpp"
#include "cli/text.hpp"
#include "picture/html.hpp"

namespace cli {

namespace {

using picture::escaped;
using picture::fact;

constexpr std::size_t kMostCourses = 12;
constexpr std::size_t kMostCards = 50;

std::string addresses(const control::Status& status) {
  std::vector<std::string> texts;
  texts.reserve(status.addresses.size());
  for (const base::Address& address : status.addresses) texts.push_back(address.text());
  return joined(texts, ", ");
}

std::string charon(const control::Status& status) {
  if (!status.charon_connected) return "away";
  return status.charon_version.value_or("connected");
}

/// What is wrong, a sentence each.
std::vector<std::string> troubles(const control::Status& status) {
  std::vector<std::string> all;
  if (status.state == "stopping") all.emplace_back("tedd is stopping.");
  const bool observes = status.mode == "observe";  // it has neither on purpose
  if (!observes && !status.charon_connected) all.emplace_back("strongSwan is away: no tunnel comes up.");
  if (!observes && status.guard != "in force")
    all.emplace_back("The guard is down: protected flows may pass in the clear.");
  if (status.openings.value_or(0) > 0) {
    all.push_back(
        fmt::format("Destinations that are open in the clear by on_failure = \"bypass\": {}.", *status.openings));
  }
  if (status.reload_error) all.push_back("The last reload was refused: " + *status.reload_error);
  return all;
}

std::string verdict(const control::Status& status) {
  std::string html;
  for (const std::string& trouble : troubles(status)) html += "<p class='verdict bad'>✗ " + escaped(trouble) + "</p>\n";
  if (!html.empty()) return html;
  if (status.mode == "observe") {
    return "<p class='verdict'>✓ " + escaped(status.state) + ", and only observes: nothing is protected.</p>\n";
  }
  return "<p class='verdict'>✓ " + escaped(status.state) + ", the guard is in force, strongSwan is there.</p>\n";
}

std::string facts(const ReportData& data) {
  const control::Status& status = data.status;
  return "<dl class='facts'>" + fact("State", status.state) + fact("Running for", span_text(status.uptime_ms)) +
         fact("strongSwan", charon(status)) + fact("Data plane", status.data_plane.value_or("not known yet")) +
         fact("Guard", status.guard) + fact("Interfaces", joined(status.interfaces, ", ")) +
         fact("Rules", fmt::format("{}", status.rules)) + fact("Tunnels", fmt::format("{}", status.tunnels)) +
         fact("Pending", fmt::format("{}", status.pending)) + fact("Peers", fmt::format("{}", status.peers)) +
         "</dl>\n";
}

/// Each as `card` has it, and how many more there are.
template <class T, class Card>
std::string cards(const std::vector<T>& all, const char* none, Card card) {
  if (all.empty()) return fmt::format("<p>{}</p>\n", none);
  std::string html = "<ul class='cards'>";
  const std::size_t shown = std::min(all.size(), kMostCards);
  for (std::size_t i = 0; i < shown; ++i) html += "<li>" + card(all[i]) + "</li>";
  html += "</ul>";
  if (shown < all.size()) html += fmt::format("<p class='key'>The first {} of {}.</p>", shown, all.size());
  return html + "\n";
}

std::string peer_card(const control::Peer& peer) {
  std::string facts = fmt::format("{} tunnel{} · heard {} ago", peer.tunnels, peer.tunnels == 1 ? "" : "s",
                                  span_text(peer.last_seen_ms));
  if (peer.rtt_us) facts += fmt::format(" · answers in {}.{} ms", *peer.rtt_us / 1000, *peer.rtt_us % 1000 / 100);
  if (peer.form) facts += *peer.form == "draft" ? " · draft form" : " · version 3";
  facts += " · proved by " + peer.proof.value_or("IKE alone");
  if (peer.certificate_until) facts += " · certificate ends " + control::text(*peer.certificate_until);
  return "<b>" + escaped(peer_text(peer.address, peer.identity)) + "</b><p>" + escaped(facts) + "</p>";
}

std::string pending_card(const control::Pending& pending) {
  std::string facts = fmt::format("{}, {} probes sent", pending_state(pending), pending.attempts);
  if (!pending.rule.empty()) facts += ", rule " + pending.rule;
  if (pending.next_ms) facts += ", next step in " + span_text(*pending.next_ms);
  std::string html = (pending.reason ? "<b>✗ failed</b> " : "<b>… under way</b> ") +
                     ("<code>" + escaped(pending.flow.text()) + "</code><p>" + escaped(facts) + "</p>");
  if (pending.reason) html += "<p class='why'>" + escaped(*pending.reason) + "</p>";
  return html;
}

std::string rule_card(const control::RuleInfo& rule) {
  static constexpr std::size_t kMostLines = 8;
  std::string html = "<b>" + escaped(rule.name) + "</b>: " + escaped(rule.action);
  for (std::size_t i = 0; i < rule.lines.size() && i < kMostLines; ++i) {
    html += "<p><code>" + escaped(rule.lines[i].text()) + "</code></p>";
  }
  if (rule.lines.size() > kMostLines) html += fmt::format("<p>and {} more lines</p>", rule.lines.size() - kMostLines);
  return html;
}

std::string discoveries(const control::History& history) {
  const std::vector<Course> courses = courses_of(history);
  if (courses.empty()) return "<p>There was none.</p>\n";
  std::string html;
  for (std::size_t i = 0; i < courses.size() && i < kMostCourses; ++i) {
    html += fmt::format("<details{}>", i == 0 ? " open" : "") + draw_course(courses[i]) + "</details>\n";
  }
  if (courses.size() > kMostCourses) {
    html += fmt::format("<p class='key'>The latest {} of {}.</p>\n", kMostCourses, courses.size());
  }
  return html;
}

}  // namespace

std::string report_page(const ReportData& data) {
  const std::string title = "OpenTED gateway " + addresses(data.status);
  return picture::page(
      title, "<h1>" + escaped(title) + "</h1>\n<p class='key'>" +
                 escaped(fmt::format("tedd {}, {}, as of {}", data.status.version, data.status.config,
                                     control::text(data.now()))) +
                 "</p>\n" + verdict(data.status) + facts(data) + "<h2>Who is joined to whom</h2>\n" +
                 draw_topology(data) + "<h2>Peers</h2>\n" + cards(data.peers, "No peer is known.", peer_card) +
                 "<h2>Recent discoveries</h2>\n" + discoveries(data.history) + "<h2>Under way, and held down</h2>\n" +
                 cards(data.pending, "Nothing is.", pending_card) + "<h2>Tunnels in time</h2>\n" + draw_lives(data) +
                 "<h2>Rules in force</h2>\n" + cards(data.rules, "There are none.", rule_card));
}

}  // namespace cli
