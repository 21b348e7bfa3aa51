#include "daemon/gateway.hpp"

#include <algorithm>
#include <csignal>
#include <iterator>
#include <span>
#include <systemd/sd-daemon.h>
#include <utility>

#include "config/reused_secret.hpp"
#include "daemon/answers.hpp"
#include "daemon/log.hpp"
#include "platform/xfrm/policies.hpp"
#include "wire/ip.hpp"
#include "wire/packet.hpp"
#include "wire/partial_checksum.hpp"
#include "wire/unreachable.hpp"

namespace tedd {

namespace {

constexpr base::Duration kLastResort = std::chrono::seconds(5);

/// A thousand messages a turn: enough to keep up, few enough that timers and requests have their turn.
constexpr std::size_t kMessagesPerTurn = 1'000;

/// Of a kind, logged at start and at each reload: who reads a log reads no more, and a large policy has very many.
constexpr std::size_t kMaxRemarks = 100;

/// On every packet that tedd sends. charon has no mark unless told to (0x42 in its examples), and no bit of this one is
/// among those that container networks and VPNs test.
constexpr std::uint32_t kMark = 0x3ed;

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

Gateway::Gateway(Start with)
    : file_(std::move(with.file)),
      text_(std::move(with.text)),
      last_good_(std::move(with.last_good)),
      config_(std::move(with.config)),
      examiner_(loop_, [this](const std::string& why) { log_limited(Level::kWarning, "TED-EXAMINER", why); }),
      authenticator_(by(examiner_, std::move(with.discovery))),
      policy_(first_policy()),
      engine_(engine::Settings{.gateways = config_.gateway.addresses, .observes = observes()}, policy_,
              engine::Ports{random_, hash_, this, &authenticator_}),
      guard_(config_.gateway),
      shield_(config_.gateway),
      ike_(config_, std::move(with.credentials),
           {.event = [this](engine::Event event) { handle(std::move(event)); },
            .ready = [this](bool ready) { on_ike_ready(ready); },
            .fresh = [this] { clear_kernel(); }},
           &examiner_),
      control_(
          loop_, [this](ClientId client, std::string_view line) { on_line(client, line); },
          [this](ClientId client) {
            watchers_.erase(client);
            std::erase_if(traces_, [&](const auto& trace) { return trace.second.client == client; });
          }) {}

base::Result<void, std::string> Gateway::start() {
  std::signal(SIGPIPE, SIG_IGN);  // whoever read our standard error may be gone: that ends no tunnel
  // Blocked before the library of the metrics makes threads, which inherit it.
  signals_.push_back(loop_.signal(SIGTERM, [this] { stop(); }));
  signals_.push_back(loop_.signal(SIGINT, [this] { stop(); }));
  signals_.push_back(loop_.signal(SIGHUP, [this] { static_cast<void>(reload()); }));  // it logs what it refuses
  if (!unresolved_.empty()) return std::unexpected(unresolved_);
  if (const auto& ours = ike_.credentials().certificates) {
    if (auto done = examiner_.use(ours->trust); !done) return done;
  }
  if (ControlServer::is_served(config_.gateway.control)) {
    return std::unexpected("another tedd answers at " + config_.gateway.control + "; stop it first");
  }
  if (auto done = open_readers(); !done) return done;
  if (auto done = control_.bind(config_.gateway.control, config_.gateway.readers); !done) return done;
  if (auto done = guard_.watch(); !done) return done;
  if (auto done = watch_routes(); !done) return done;
  if (auto done = observes() ? observe() : protect(); !done) return done;

  timer_ = loop_.timer([this] {
    const base::Instant now = Loop::now();
    if (!observes()) ike_.charon().on_deadline(now);
    ike_.on_deadline();
    engine_.on_deadline(now);
    if (const auto retry = guard_.retry_deadline(); retry && *retry <= now) mend();
    if (const auto due = follower_.next_deadline(); due && *due <= now) refresh();
    turn();
  });
  rules_ = loop_.io(guard_.watch_fd(), [this](Loop::Readiness) {
    mend();
    turn();
  });
  if (observes()) {
    on_ike_ready(true);  // nobody waits for a charon
  } else {
    charon_ = loop_.io(ike_.charon().fd(), [this](Loop::Readiness) {
      ike_.charon().on_readable();
      turn();
    });
    ike_.offer(policy_);
  }
  turn();
  mark_rule_->adopt_found();
  return {};
}

Gateway::Outcome Gateway::protect() {
  if (auto done = guard_.install(*policy_); !done) return done;
  keep(last_good_.keep(std::exchange(text_, {}), networks_));
  if (auto done = open_sender(); !done) return done;
  shield_.keep();
  return open_metrics();
}

// Ready means all of it: whoever sees the control socket can rely on probes being answered, or on charon being away.
void Gateway::announce() {
  if (announced_) return;
  announced_ = true;
  if (const auto done = control_.listen(); !done) {
    log(Level::kError, "TED-START-FAILED", done.error());
    failed_ = true;
    return stop();
  }
  log(Level::kNotice, "TED-STARTED",
      (observes() ? "only observing, nothing is protected, by " : "protecting by ") +
          std::to_string(policy_->rules().size()) + " rules of " + file_);
  warn();
  sd_notify(0, "READY=1");
}

// A standing tunnel of userspace ESP has its prefix routed into it; what we send travels the outside path all the same.
Gateway::Outcome Gateway::open_sender() {
  auto rule = inject::MarkRule::install(kMark);
  if (!rule) return std::unexpected("routing rule: " + inject::text(rule.error()));
  mark_rule_ = std::move(*rule);
  auto sender = inject::Sender::open({.mark = kMark});
  if (!sender) return std::unexpected("raw sockets: " + inject::text(sender.error()));
  sender_ = std::move(*sender);
  auto releaser = inject::Sender::open({.bypass_policy = false, .mark = nft::kReleaseMark});
  if (!releaser) return std::unexpected("raw sockets: " + inject::text(releaser.error()));
  releaser_ = std::move(*releaser);
  return {};
}

// The kernel lets one process read a group: this is what keeps a second tedd, whatever its control socket, from
// replacing the guard of the first.
Gateway::Outcome Gateway::open_readers() {
  const auto flow = [this](base::ByteView packet, const nflog::PacketInfo& info) {
    const auto caught = wire::flow_of(packet);
    if (!caught) return;
    const bool held = info.prefix == nft::kHeldPrefix;
    handle(engine::FlowCaught{*caught, held ? base::Bytes(packet.begin(), packet.end()) : base::Bytes{},
                              wire::unreachable_of(packet).has_value()});
  };
  const auto datagram = [this](base::ByteView packet, const nflog::PacketInfo&) {
    handle(engine::DatagramCaught{base::Bytes(packet.begin(), packet.end())});
  };
  if (auto done = open_reader(kCatchGroup, flow); !done) return done;
  if (auto done = open_reader(kProbeGroup, datagram); !done) return done;
  return open_reader(kResponseGroup, datagram);
}

Gateway::Outcome Gateway::open_reader(std::uint16_t group, nflog::Reader::Callback callback) {
  auto reader = nflog::Reader::open(group);
  if (!reader) {
    const bool busy = reader.error().code == nflog::ErrorCode::kGroupBusy;
    return std::unexpected("NFLOG group " + std::to_string(group) + ": " + nflog::text(reader.error()) +
                           (busy ? ": another tedd runs here, or an earlier one is still ending, which takes it five "
                                   "seconds at most; start again when it is gone"
                                 : ""));
  }
  auto reading = std::make_unique<Reading>(Reading{std::move(*reader), {}});
  reading->source =
      loop_.io(reading->reader.fd(), [this, body = reading.get(), callback = std::move(callback)](Loop::Readiness) {
        if (const auto done = body->reader.read(callback, kMessagesPerTurn); !done) {
          log_limited(Level::kError, "TED-NFLOG", nflog::text(done.error()));
        }
        turn();
      });
  readings_.push_back(std::move(reading));
  return {};
}

bool Gateway::run() {
  return loop_.run() && !failed_;
}

// Actions are fetched at once: nothing that an event caused waits for the next one.
void Gateway::handle(engine::Event event) {
  const base::Instant now = Loop::now();
  const auto up = note(event);
  engine_.handle(std::move(event), now);
  note_tunnel(up, now);
  while (auto action = engine_.next_action()) carry_out(*std::move(action));
}

void Gateway::on_ike_ready(bool ready) {
  if (!ready || stopping_) {
    guard_.stop_intercepting();
  } else if (const auto done = guard_.intercept(*policy_, Loop::now()); !done) {
    log(Level::kError, "TED-INTERCEPTION", done.error());
  }
  announce();
}

// What charon put into the kernel stays there when it is killed, and a successor does not know of it: protected flows
// would go on being encrypted for nobody, and never be caught. Only what a tunnel had that we knew of: others than
// charon, and connections that are not ours, have policies as well.
void Gateway::clear_kernel() {
  const auto removed = xfrm::remove_policies([this](const xfrm::TunnelPolicy& policy) {
    return std::ranges::any_of(engine_.tunnels().all(), [&policy](const auto& one) {
      const engine::TunnelUp& tunnel = one.second.facts;
      return tunnel.peer == policy.peer && tunnel.gateway == policy.local &&
             std::ranges::any_of(tunnel.selectors, [&policy](const base::Selector& selector) {
               return selector.covers(policy.selector);
             });
    });
  });
  if (!removed) return log(Level::kError, "TED-STALE", removed.error());
  if (*removed == 0) return;
  log(Level::kNotice, "TED-STALE", "removed " + std::to_string(*removed) + " IPsec policies of a charon that is gone");
}

// Whoever hears that a tunnel stands, or is gone, finds the guard so; and no packet waits while a line is written.
void Gateway::turn() {
  while (auto action = engine_.next_action()) carry_out(*std::move(action));
  if (const auto done = guard_.apply(*policy_, Loop::now()); !done)
    log_limited(Level::kError, "TED-GUARD", done.error());
  for (base::Bytes& packet : std::exchange(released_, {})) {
    wire::complete_checksum(packet);
    if (const auto sent = releaser_->send(packet); !sent) note_unsent(packet, sent.error());
  }
  if (const auto left = guard_.take_left()) log_limited(Level::kWarning, "TED-GUARD-LEFT", *left);
  for (const engine::Report& report : std::exchange(reports_, {})) publish(report);
  auto next = engine_.next_deadline();
  const auto charon = observes() ? std::nullopt : ike_.charon().next_deadline();
  const auto judging = ike_.next_deadline(Loop::now());
  for (const auto& other : {charon, guard_.retry_deadline(), follower_.next_deadline(), judging}) {
    if (other && (!next || *other < *next)) next = other;
  }
  timer_.arm(next);
}

// A gateway that cannot keep it serves as well; it says so, because its next start may matter.
void Gateway::keep(base::Result<void, std::string> kept) {
  if (!kept) log_limited(Level::kWarning, "TED-LAST-GOOD", kept.error());
}

void Gateway::warn() const {
  if (const auto reused = config::reused_secret(config_.ike, config_.discovery)) {
    log(Level::kWarning, "TED-CONFIG", *reused);
  }
  warn_of(policy::remarks(*policy_));
  warn_of(beyond_own_blocks(ike_.credentials(), policy_->rules()));
  warn_of_idle_rules();
}

void Gateway::warn_of(std::span<const policy::Remark> remarks) const {
  for (const policy::Remark& remark : remarks.first(std::min(remarks.size(), kMaxRemarks))) {
    log(Level::kWarning, "TED-CONFIG", remark.text);
  }
  if (remarks.size() <= kMaxRemarks) return;
  log(Level::kWarning, "TED-CONFIG",
      std::to_string(remarks.size() - kMaxRemarks) + " more of this kind are not logged");
}

// What somebody else did to our tables is undone at once, and told.
void Gateway::mend() {
  const auto repairs = guard_.repair(*policy_, Loop::now());
  for (const std::string& text : repairs.done) {
    publish(Level::kWarning, {.id = "TED-GUARD-RESTORED", .time = wall_clock(Loop::now()), .text = text, .fields = {}});
  }
  if (repairs.guard) log_limited(Level::kError, "TED-GUARD", *repairs.guard);
  if (repairs.interception) log_limited(Level::kError, "TED-INTERCEPTION", *repairs.interception);
}

void Gateway::carry_out(engine::Action action) {
  if (auto* packet = std::get_if<engine::Transmit>(&action)) {
    if (const auto sent = sender_->send(packet->packet); !sent) note_unsent(packet->packet, sent.error());
  } else if (auto* wanted = std::get_if<engine::BringUp>(&action)) {
    if (metrics_) times_.asked(wanted->cookie, Loop::now());
    ike_.bring_up(*wanted);
  } else if (auto* unwanted = std::get_if<engine::TakeDown>(&action)) {
    ike_.take_down(*unwanted);
  } else if (std::holds_alternative<engine::CoverChanged>(action)) {
    // The kernel's own ESP says itself what leaves through a tunnel.
    guard_.set_tunnels(ike_.data_plane() == vici::DataPlane::kKernel ? std::vector<base::Selector>()
                                                                     : covered_by(engine_.tunnels()));
  } else if (auto* release = std::get_if<engine::Release>(&action)) {
    std::ranges::move(release->packets, std::back_inserter(released_));
  } else if (auto* openings = std::get_if<engine::SetOpenings>(&action)) {
    guard_.set_openings(std::move(openings->openings));
  } else if (auto* done = std::get_if<engine::TraceDone>(&action)) {
    carry_out(std::move(*done));
  } else if (auto* report = std::get_if<engine::Report>(&action)) {
    if (metrics_) times_.note(*report, engine_.peers(), Loop::now());
    reports_.push_back(std::move(*report));
  }
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

// What is wanted comes to publish() in the same turn.
bool Gateway::wants(engine::ReportId id) {
  const Level level = level_of(id);
  return !watchers_.empty() || level == Level::kNotice || !log_limit_.holds_back(name(id), Loop::now());
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

void Gateway::stop() {
  if (stopping_) return;
  stopping_ = true;
  sd_notify(0, "STOPPING=1");
  if (observes()) {
    log(Level::kNotice, "TED-STOPPING", "the observation and the interception go");
    return loop_.stop();
  }
  log(Level::kNotice, "TED-STOPPING", "tunnels and interception go; the guard stays until it is released");
  guard_.stop_intercepting();
  guard_.set_openings({});  // whatever charon does: nothing passes in the clear when tedd is gone
  last_resort_ = loop_.timer([this] {
    log(Level::kWarning, "TED-STOPPING", "charon does not answer; its connections named opented stay");
    loop_.stop();
  });
  last_resort_.arm(Loop::now() + kLastResort);
  ike_.withdraw([this] {
    guard_.set_tunnels({});
    if (const auto done = guard_.apply(*policy_, Loop::now()); !done) log(Level::kError, "TED-GUARD", done.error());
    loop_.stop();
  });
  turn();
}

}  // namespace tedd
