// How a gateway begins and ends: in which order it takes what it needs, and what it leaves.
#include <csignal>
#include <systemd/sd-daemon.h>
#include <utility>

#include "daemon/gateway.hpp"
#include "wire/packet.hpp"
#include "wire/unreachable.hpp"

namespace tedd {

namespace {

constexpr base::Duration kLastResort = std::chrono::seconds(5);

/// Messages a turn: enough to keep up, few enough that timers and requests have their turn. What waits has the next
/// one.
constexpr std::size_t kMessagesPerTurn = 64;

}  // namespace

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
  look_outside();
  if (auto done = observes() ? observe() : protect(); !done) return done;

  timer_ = loop_.timer([this] {
    const base::Instant now = now_ = Loop::now();
    if (!observes()) ike_.charon().on_deadline(now);
    ike_.on_deadline();
    engine_.on_deadline(now);
    if (const auto retry = guard_.retry_deadline(); retry && *retry <= now) mend();
    if (const auto retry = routing_.retry_deadline(); retry && *retry <= now) mend_routing();
    if (const auto due = follower_.next_deadline(); due && *due <= now) refresh();
    turn();
  });
  rules_ = loop_.io(guard_.watch_fd(), [this](Loop::Readiness) {
    mend();
    turn();
  });
  routing_source_ = loop_.io(routing_.fd(), [this](Loop::Readiness) {
    mend_routing();
    turn();
  });
  routing_.adopt_found();
  if (observes()) {
    on_ike_ready(true);  // nobody waits for a charon
  } else {
    charon_ = loop_.io(ike_.charon().fd(), [this](Loop::Readiness) {
      ike_.charon().on_readable();
      turn();
    });
    ike_.offer(policy_);
  }
  if (!observes()) tell_flowtables();
  turn();
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
  warn(oddities());
  sd_notify(0, "READY=1");
}

// A standing tunnel of userspace ESP has its prefix routed into it; what we send travels the outside path all the same.
Gateway::Outcome Gateway::open_sender() {
  if (auto done = routing_.open(nft::kOwnMark); !done) return done;
  auto sender = inject::Sender::open({.mark = nft::kOwnMark});
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
    if (!caught) return void(++unreadable_);
    const bool held = info.prefix == nft::kHeldPrefix;
    handle(engine::FlowCaught{*caught, held ? base::Bytes(packet.begin(), packet.end()) : base::Bytes{},
                              wire::unreachable_of(packet).has_value()});
  };
  const auto datagram = [this](base::ByteView packet, const nflog::PacketInfo& info) {
    if (info.first_of_call) now_ = Loop::now();
    hear(packet);
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
  auto reading = std::make_unique<Reading>(Reading{std::move(*reader), std::move(callback), {}});
  reading->source = loop_.io(reading->reader.fd(), [this, body = reading.get()](Loop::Readiness) {
    gathers_ = true;
    read(*body);
    turn();
  });
  readings_.push_back(std::move(reading));
  return {};
}

void Gateway::read(Reading& reading) {
  if (const auto done = reading.reader.read(reading.callback, kMessagesPerTurn); !done) {
    log_limited(Level::kError, "TED-NFLOG", nflog::text(done.error()));
  }
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
  const bool is_clean = guard_.intercepts();  // charon is there, and what another left in the kernel is taken out
  guard_.stop_intercepting();
  guard_.set_openings({});  // whatever charon does: nothing passes in the clear when tedd is gone
  last_resort_ = loop_.timer([this] {
    log(Level::kWarning, "TED-STOPPING", "charon does not answer; its connections named opented stay");
    loop_.stop();
  });
  last_resort_.arm(Loop::now() + kLastResort);
  ike_.withdraw([this, is_clean] {
    // What charon had in the kernel of ours goes with the tunnels: what is there when we come again is others'.
    if (is_clean && ike_.charon().is_connected()) forget_peers();
    guard_.set_tunnels({});
    if (const auto done = guard_.apply(*policy_, Loop::now()); !done) log(Level::kError, "TED-GUARD", done.error());
    loop_.stop();
  });
  turn();
}

}  // namespace tedd
