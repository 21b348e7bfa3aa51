// What a gateway tells people: its log, the events of those who watch, and remarks about its configuration.
#include <algorithm>
#include <span>
#include <utility>

#include "config/reused_secret.hpp"
#include "daemon/answers.hpp"
#include "daemon/gateway.hpp"
#include "wire/ip.hpp"

namespace tedd {

namespace {

/// Of a kind, logged at start and at each reload: who reads a log reads no more, and a large policy has very many.
constexpr std::size_t kMaxRemarks = 100;

Level level_of(engine::ReportId id) {
  switch (id) {
    case engine::ReportId::kDiscoveryFailed:
    case engine::ReportId::kResponseDowngraded:
    case engine::ReportId::kTunnelRefused:
    case engine::ReportId::kTunnelUnauthorised:
    case engine::ReportId::kTunnelNarrowed:
    case engine::ReportId::kBypassOpened: return Level::kWarning;
    case engine::ReportId::kTunnelUp:
    case engine::ReportId::kTunnelDown:
    case engine::ReportId::kTunnelReplaced:
    case engine::ReportId::kTunnelLost:
    case engine::ReportId::kTunnelMoved:
    case engine::ReportId::kBypassClosed:
    case engine::ReportId::kWouldProtect:
    case engine::ReportId::kPolicyReplaced: return Level::kNotice;
    default: return Level::kInfo;
  }
}

}  // namespace

// A gateway that cannot keep it serves as well; it says so, because its next start may matter.
void Gateway::keep(base::Result<void, std::string> kept) {
  if (!kept) log_limited(Level::kWarning, "TED-LAST-GOOD", kept.error());
}

// What is valid and may not do what was meant.
std::vector<std::string> Gateway::oddities() const {
  std::vector<std::string> all;
  if (auto reused = config::reused_secret(config_.ike, config_.discovery)) all.push_back(*std::move(reused));
  const auto add = [&all](const std::vector<policy::Remark>& remarks) {
    const std::size_t told = std::min(remarks.size(), kMaxRemarks);
    for (const policy::Remark& remark : std::span(remarks).first(told)) all.push_back(remark.text);
    if (remarks.size() > told) all.push_back(std::to_string(remarks.size() - told) + " more of this kind are not told");
  };
  add(policy::shadow_remarks(*policy_));
  add(policy::remarks(*policy_));
  add(beyond_own_blocks(ike_.credentials(), policy_->rules()));
  add(config::idle_rules(config_, policy_->rules()));
  return all;
}

void Gateway::warn(std::span<const std::string> oddities) {
  for (const std::string& text : oddities) log(Level::kWarning, "TED-CONFIG", text);
}

void Gateway::note_unsent(base::ByteView packet, const inject::Error& error) {
  const auto datagram = wire::read_ip(packet);
  const std::string words = inject::text(error);
  log_limited(
      Level::kWarning, "TED-SEND",
      "a packet " + (datagram ? "to " + datagram->destination.text() + " " : std::string()) + "was not sent: " + words);
  if (datagram) unsent_ = {datagram->destination, words};
}

// Notices are never held back: an authenticated peer, charon or the operator stands behind each.
LogLimit::Admission Gateway::admit(Level level, std::string_view id) {
  return level == Level::kNotice ? 0 : log_limit_.admit(id, Loop::now());
}

void Gateway::log_limited(Level level, std::string_view id, std::string text) {
  if (const auto admission = admit(level, id)) log(level, id, std::move(text) + LogLimit::note(*admission));
}

// A flood of datagrams makes a flood of reports: what nobody will read is not put together.
void Gateway::publish(const engine::Report& report) {
  diary_.note(report, Loop::now());
  history_.note(report, engine_.tunnels(), Loop::now());
  const Level level = level_of(report.id);
  const auto admission = admit(level, name(report.id));
  if (admission || !watchers_.empty()) tell(level, event_of(report), admission);
}

// What is wanted comes to publish() in the same turn. Asked for each probe: the clock was read for it already.
bool Gateway::wants(engine::ReportId id) {
  if (!watchers_.empty() || level_of(id) == Level::kNotice) return true;
  LogLimit::Kind*& kind = kinds_[static_cast<std::size_t>(id)];
  if (kind == nullptr) kind = &log_limit_.kind_of(name(id));
  return !LogLimit::holds_back(*kind, now_);
}

void Gateway::publish(Level level, const control::Event& event) {
  tell(level, event, admit(level, event.id));
}

void Gateway::tell(Level level, const control::Event& event, LogLimit::Admission admission) {
  if (admission) {
    std::string fields;
    for (const auto& [key, value] : event.fields)
      fields.append(fields.empty() ? "" : ", ").append(key).append(" ").append(value);
    log(level, event.id, event.text + (fields.empty() ? "" : " [" + fields + "]") + LogLimit::note(*admission));
  }
  if (watchers_.empty()) return;
  const std::string encoded = control::encode(event);
  const std::set<ClientId> watchers = watchers_;  // sending may close one
  for (const ClientId watcher : watchers) control_.send(watcher, encoded);
}

}  // namespace tedd
