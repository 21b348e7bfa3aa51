// One running gateway: adapters on one side, the engine in the middle, adapters on the other side.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "config/config.hpp"
#include "control/reply.hpp"
#include "control/request.hpp"
#include "daemon/authenticator.hpp"
#include "daemon/control_server.hpp"
#include "daemon/credentials.hpp"
#include "daemon/diary.hpp"
#include "daemon/discovery_times.hpp"
#include "daemon/examiner.hpp"
#include "daemon/follower.hpp"
#include "daemon/guard_keeper.hpp"
#include "daemon/history.hpp"
#include "daemon/ike.hpp"
#include "daemon/last_good.hpp"
#include "daemon/log.hpp"
#include "daemon/log_limit.hpp"
#include "daemon/loop.hpp"
#include "daemon/measure.hpp"
#include "daemon/metrics.hpp"
#include "daemon/outside.hpp"
#include "daemon/peers_met.hpp"
#include "daemon/routing_rules.hpp"
#include "daemon/shield_keeper.hpp"
#include "engine/engine.hpp"
#include "platform/crypto/chance.hpp"
#include "platform/inject/sender.hpp"
#include "platform/nflog/reader.hpp"
#include "platform/xfrm/policies.hpp"
#include "policy/remarks.hpp"

namespace tedd {

class Gateway final : engine::Audience {
 public:
  /// What tedd was started with: the file's text is kept as the last good one when all of it is in force.
  struct Start {
    std::string file;
    std::string text;
    config::Config config;
    Credentials credentials;
    DiscoveryKeys discovery;
    LastGood last_good;
    PeersMet peers_met;
  };
  explicit Gateway(Start with);

  /// The readers first, so that nothing is changed under another tedd, then the guard; the control socket once charon
  /// has answered or is known to be away. What fails is said, and nothing but the guard stays.
  [[nodiscard]] base::Result<void, std::string> start();
  /// Until SIGTERM or SIGINT; false when the loop itself failed, or when the control socket could not be bound.
  bool run();

 private:
  using Outcome = base::Result<void, std::string>;

  // events in
  [[nodiscard]] Outcome open_sender();
  [[nodiscard]] Outcome protect();
  struct Reading {
    nflog::Reader reader;
    nflog::Reader::Callback callback;
    Loop::Source source;
  };
  [[nodiscard]] Outcome open_readers();
  [[nodiscard]] Outcome open_reader(std::uint16_t group, nflog::Reader::Callback callback);
  void read(Reading& reading);
  void handle(engine::Event event);
  /// What was taken off the wire, at `now_`.
  void hear(base::ByteView packet);
  void carry_out_all();
  void on_ike_ready(bool ready);
  void remember(const engine::TunnelUp& tunnel);
  void forget_peers();
  void clear_kernel();
  [[nodiscard]] bool is_stale(const xfrm::TunnelPolicy& policy) const;
  void announce();
  // actions out
  void turn();
  void act();
  void cover();
  void carry_out(engine::Action&& action);
  /// Gets another one for it, that was sent.
  void gather(engine::Transmit& packet);
  void transmit();
  void send_released();
  void carry_out(engine::TraceDone done);
  void note_unsent(base::ByteView packet, const inject::Error& error);
  void publish(const engine::Report& report);
  [[nodiscard]] bool wants(engine::ReportId id) override;
  void publish(Level level, const control::Event& event);
  void tell(Level level, const control::Event& event, LogLimit::Admission admission);
  [[nodiscard]] LogLimit::Admission admit(Level level, std::string_view id);
  void log_limited(Level level, std::string_view id, std::string text);
  void mend();
  void mend_routing();
  void leave_beside();
  void tell_flowtables();
  [[nodiscard]] control::Counters counters();
  [[nodiscard]] Outcome open_metrics();
  void measure();
  [[nodiscard]] std::optional<engine::TunnelId> note(const engine::Event& event);
  void note_tunnel(std::optional<engine::TunnelId> id, base::Instant now);
  void keep(base::Result<void, std::string> kept);
  [[nodiscard]] std::vector<std::string> oddities() const;
  static void warn(std::span<const std::string> oddities);
  // requests
  void on_line(ClientId client, std::string_view line);
  [[nodiscard]] std::optional<control::Reply> answer(ClientId client, const control::Request& request);
  [[nodiscard]] control::Status status() const;
  [[nodiscard]] control::Why why(const base::Flow& flow) const;
  [[nodiscard]] control::Reply trace(ClientId client, const control::TraceArguments& arguments);
  [[nodiscard]] control::Reply forget(const base::Address& peer);
  [[nodiscard]] control::Reply release();
  [[nodiscard]] control::Reply reload();
  void stop();
  // networks behind interfaces
  [[nodiscard]] std::shared_ptr<const policy::Snapshot> first_policy();
  void follow(HeldNetworks networks);
  [[nodiscard]] Outcome watch_routes();
  void refresh();
  void apply_networks();
  void tell_lost(const std::string& name);
  void look_outside();
  void follow_outside();
  void refuse_networks(const std::string& reason);
  // mode = "observe"
  [[nodiscard]] bool observes() const { return config_.gateway.mode == config::Mode::kObserve; }
  [[nodiscard]] Outcome observe();
  [[nodiscard]] Outcome look_anew();
  // a new policy
  [[nodiscard]] Outcome replace_guard(const policy::Snapshot& policy);
  void adopt(std::shared_ptr<const policy::Snapshot> policy);

  std::string file_;
  std::string text_;  ///< of the file, until it is kept
  LastGood last_good_;
  PeersMet peers_met_;
  config::Config config_;
  Loop loop_;
  crypto::SystemRandom random_;
  crypto::ProcessKeyedHash hash_;
  Examiner examiner_;
  Authenticator authenticator_;
  Follower follower_;
  Loop::Source networks_source_;
  Outside outside_;                  ///< as it was told last
  config::NetworksByName networks_;  ///< those that the policy in force is made with
  std::string unresolved_;           ///< why the first policy could not be made
  std::shared_ptr<const policy::Snapshot> policy_;
  engine::Engine engine_;
  GuardKeeper guard_;
  ShieldKeeper shield_;
  std::optional<nft::Client> observer_;  ///< its table goes with it
  Ike ike_;
  std::optional<Metrics> metrics_;
  DiscoveryTimes times_;  ///< measured only where there are metrics
  RoutingRules routing_;
  std::optional<inject::Sender> sender_;
  std::optional<inject::Sender> releaser_;  ///< of what was held: into tunnels, where the other goes past them
  struct Unsent {
    base::Address destination;
    std::string words;
  };
  std::optional<Unsent> unsent_;                    ///< the last packet that this machine did not take, for traces
  std::uint64_t unreadable_ = 0;                    ///< packets that the guard caught, and of which no flow can be told
  std::vector<std::unique_ptr<Reading>> readings_;  ///< the first one's: flows that the guard caught
  std::vector<Loop::Source> signals_;
  Loop::Source timer_;
  Loop::Source charon_;
  Loop::Source rules_;
  Loop::Source routing_source_;
  Loop::Source scrapes_;
  Loop::Source last_resort_;
  bool announced_ = false;
  bool stopping_ = false;
  bool failed_ = false;
  base::Instant started_ = Loop::now();
  base::Instant now_ = started_;  ///< when the engine was told the last event, or had its timers run
  base::Instant loaded_ = started_;
  std::optional<std::string> reload_error_;
  /// What is sent by one call of the kernel; a flood costs less so, and nobody waits for more than this many.
  static constexpr std::size_t kGathered = 16;
  std::array<engine::Transmit, kGathered> outgoing_;
  std::size_t gathered_ = 0;             ///< so many of them
  bool gathers_ = false;                 ///< more datagrams of this turn come at once
  std::vector<base::Bytes> released_;    ///< of this turn
  std::vector<engine::Report> reports_;  ///< of this turn
  LogLimit log_limit_;
  /// Of each kind of report that was asked for, by its number: a flood asks each time.
  std::array<LogLimit::Kind*, engine::kReportIds> kinds_{};
  Diary diary_;
  History history_;
  std::set<ClientId> watchers_;
  struct Trace {
    ClientId client{};
    base::Flow flow;
  };
  std::map<engine::TraceId, Trace> traces_;
  std::uint64_t last_trace_ = 0;
  ControlServer control_;  // goes first: its clients' end is noted in the tables above
};

}  // namespace tedd
