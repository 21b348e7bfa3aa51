// Every event in every situation of a discovery, in a real engine: what comes of it is a legal move or nothing, each
// legal move comes of something, and docs/engine.md says of each pair what this test sees.
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/cookie.hpp"
#include "engine/engine.hpp"
#include "engine/limits.hpp"
#include "engine/probe.hpp"
#include "sim/random.hpp"
#include "support/packets.hpp"
#include "unit/engine/document.hpp"
#include "wire/codec.hpp"
#include "wire/constants.hpp"
#include "wire/packet.hpp"

namespace engine {
namespace {

using base::Address;
using base::Flow;
using wire::Capabilities;

const Address kHere = *Address::parse("192.0.2.1");
const Address kPeer = *Address::parse("192.0.2.2");
const Address kOther = *Address::parse("192.0.2.3");
const Flow kP = *Flow::parse("tcp 10.1.0.10:40000 > 10.2.0.10:443");
const Flow kSecond = *Flow::parse("tcp 10.1.0.10:40001 > 10.2.0.11:443");

base::MaskedAddress masked(const char* text) {
  return *base::MaskedAddress::parse(text);
}
const base::Selector kAgreed{std::nullopt, masked("10.1.0.0/16"), masked("10.2.0.0/24"), {}, {}};

std::shared_ptr<const policy::Snapshot> policy_of_test() {
  policy::Rule rule;
  rule.name = "branch";
  rule.local = {masked("10.1.0.0/16")};
  rule.remote = {masked("10.0.0.0/8")};
  return std::make_shared<const policy::Snapshot>(std::vector{rule});
}

/// One engine, and what it did last.
class Stage {
 public:
  explicit Stage(bool observes = false) : observes_(observes) {}
  void tell(Event event) {
    kinds_told().insert(event.index());
    engine_.handle(std::move(event), now_);
    drain();
  }
  void answer(const Address& peer, const base::Selector& theirs, std::uint32_t flags = 0, bool from_itself = true) {
    const wire::Response response{.initiator_cookie = cookie(),
                                  .responder_cookie = {1},
                                  .gateway = peer,
                                  .half_proxy = {},
                                  .capabilities = Capabilities{Capabilities::kTellsTunnels | flags},
                                  .proxy = theirs.mirrored()};
    tell(DatagramCaught{
        wire::udp_packet(from_itself ? peer : kOther, kHere, wire::kUdpPort, wire::kUdpPort, wire::encode(response))});
  }
  /// The deadline of the discovery that it is about; nothing else is due before it.
  void wait() {
    const Discovery* one = subject();
    now_ = one != nullptr ? one->deadline : now_ + kCheckEvery;
    engine_.on_deadline(now_);
    drain();
  }
  /// The discovery that it is about is the first, or the second.
  void watch_second() { nth_ = 1; }
  [[nodiscard]] const Discovery* subject() const {
    const auto& all = engine_.discoveries().all();
    if (id_) {
      const auto found = all.find(*id_);
      return found == all.end() ? nullptr : &found->second;
    }
    return all.size() <= nth_ ? nullptr : &std::next(all.begin(), static_cast<std::ptrdiff_t>(nth_))->second;
  }
  /// From now on that one, and whatever is done.
  void begin() {
    if (const Discovery* one = subject()) id_ = one->id;
    effects_.clear();
  }
  [[nodiscard]] wire::Cookie cookie() const { return subject() != nullptr ? subject()->cookie : wire::Cookie{7}; }
  /// That of another one; of none when there is no other.
  [[nodiscard]] wire::Cookie another_cookie() const {
    for (const auto& [id, one] : engine_.discoveries().all()) {
      if (&one != subject()) return one.cookie;
    }
    return wire::Cookie{7};
  }
  /// Which alternatives of Event any stage was told.
  static std::set<std::size_t>& kinds_told() {
    static std::set<std::size_t> told;
    return told;
  }
  [[nodiscard]] const std::set<std::string>& effects() const { return effects_; }
  [[nodiscard]] std::uint64_t count(Counter counter) const { return engine_.counters().value(counter); }

 private:
  void drain() {
    while (const auto action = engine_.next_action()) {
      if (const auto* sent = std::get_if<Transmit>(&*action)) {
        const auto datagram = wire::udp_of(sent->packet);
        const auto message = datagram ? wire::decode(datagram->payload) : std::unexpected(wire::DecodeError{});
        effects_.insert(!message ? "pass it on" : std::holds_alternative<wire::Probe>(*message) ? "probe" : "answer");
      }
      if (std::holds_alternative<BringUp>(*action)) effects_.insert("bring up");
      if (std::holds_alternative<TakeDown>(*action)) effects_.insert("take down");
      if (std::holds_alternative<TraceDone>(*action)) effects_.insert("tell the asker");
    }
  }

  bool observes_;
  sim::SeededRandom random_{1};
  sim::SeededHash hash_{1};
  Engine engine_{Settings{.gateways = {kHere}, .observes = observes_}, policy_of_test(), Ports{random_, hash_}};
  base::Instant now_{std::chrono::hours(1)};
  std::optional<DiscoveryId> id_;
  std::size_t nth_ = 0;
  std::set<std::string> effects_;
};

/// How an engine comes to a state; the same state can be left in different ways.
struct Situation {
  State state;
  const char* name;
  std::function<void(Stage&)> reach;
  bool observes = false;  ///< the gateway only does that
};

void catch_it(Stage& stage) {
  stage.tell(FlowCaught{kP});
}
void negotiate(Stage& stage) {
  catch_it(stage);
  stage.answer(kPeer, kAgreed);
}
void yield(Stage& stage) {
  catch_it(stage);
  stage.answer(kPeer, kAgreed, Capabilities::kTunnelComing);
}
void hold_down(Stage& stage) {
  catch_it(stage);
  for (unsigned i = 0; i < kProbeAttempts; ++i) stage.wait();
}

const std::vector<Situation>& situations() {
  static const std::vector<Situation> kAll = {
      {State::kIdle, "idle", [](Stage&) {}},
      {State::kProbing, "probing", catch_it},
      {State::kProbing, "probing, last attempt",
       [](Stage& stage) {
         catch_it(stage);
         for (unsigned i = 1; i < kProbeAttempts; ++i) stage.wait();
       }},
      {State::kProbing, "probing, an answer was of no use",
       [](Stage& stage) {
         catch_it(stage);
         stage.answer(kPeer, {std::nullopt, masked("10.1.0.0/16"), masked("10.9.0.0/16"), {}, {}});
       }},
      {State::kProbing, "probing, what was answered failed a moment ago",
       [](Stage& stage) {
         negotiate(stage);
         stage.tell(BringUpFailed{stage.cookie(), "AUTHENTICATION_FAILED"});
         stage.tell(FlowCaught{kSecond});
         stage.watch_second();
         stage.answer(kPeer, kAgreed);
       }},
      {State::kProbing, "probing, to observe only", catch_it, true},
      {State::kProbing, "probing for a trace", [](Stage& stage) { stage.tell(TraceRequested{TraceId{1}, kP}); }},
      {State::kNegotiating, "negotiating", negotiate},
      {State::kNegotiating, "negotiating, another gateway answered",
       [](Stage& stage) {
         negotiate(stage);
         stage.answer(kOther, kAgreed);
       }},
      {State::kYielding, "yielding", yield},
      {State::kYielding, "yielding for the last time",
       [](Stage& stage) {
         yield(stage);
         for (unsigned i = 1; i < kYields; ++i) {
           stage.wait();
           stage.answer(kPeer, kAgreed, Capabilities::kTunnelComing);
         }
       }},
      {State::kYielding, "yielding to another of ours",
       [](Stage& stage) {
         catch_it(stage);
         stage.tell(FlowCaught{kSecond});
         stage.answer(kPeer, kAgreed);
         stage.watch_second();
         stage.answer(kPeer, kAgreed);
       }},
      {State::kHoldingDown, "holding_down", hold_down},
      {State::kHoldingDown, "holding_down after strongSwan's no",
       [](Stage& stage) {
         negotiate(stage);
         stage.tell(BringUpFailed{stage.cookie(), "AUTHENTICATION_FAILED"});
       }},
      {State::kResting, "resting",
       [](Stage& stage) {
         hold_down(stage);
         stage.wait();
       }},
  };
  return kAll;
}

/// What can come, and the cues that it can be to a discovery.
struct Stimulus {
  const char* name;
  std::set<Cue> cues;
  std::function<void(Stage&)> give;
};

TunnelUp tunnel(const Address& peer, const base::Selector& selector, std::optional<wire::Cookie> cookie) {
  return {TunnelId{5}, peer, kHere, {selector}, cookie};
}
Flow flow_of(const Stage& stage) {
  return stage.subject() != nullptr ? stage.subject()->flow : kP;
}

const std::vector<Stimulus>& stimuli() {
  static const base::Selector kNothing{std::nullopt, masked("10.1.0.0/16"), masked("10.9.0.0/16"), {}, {}};
  static const base::Selector kUnsound{std::nullopt, masked("0.0.0.0/0"), masked("0.0.0.0/0"), {}, {}};
  static const std::vector<Stimulus> kAll = {
      {"a packet of its flow", {Cue::kCaught}, [](Stage& stage) { stage.tell(FlowCaught{flow_of(stage)}); }},
      {"a packet of another flow to its destination",
       {Cue::kCaught},
       [](Stage& stage) {
         Flow other = flow_of(stage);
         other.source_port = 50000;
         stage.tell(FlowCaught{other});
       }},
      {"an answer that agrees",
       {Cue::kAgreed, Cue::kYielded, Cue::kObserved, Cue::kTraced},
       [](Stage& stage) { stage.answer(kPeer, kAgreed); }},
      {"an answer that agrees, its tunnel coming",
       {Cue::kYielded, Cue::kObserved, Cue::kTraced},
       [](Stage& stage) { stage.answer(kPeer, kAgreed, Capabilities::kTunnelComing); }},
      {"an answer of a further gateway",
       {Cue::kAgreed, Cue::kObserved, Cue::kTraced},
       [](Stage& stage) { stage.answer(kOther, kAgreed); }},
      {"an answer without anything in common", {Cue::kTraced}, [](Stage& stage) { stage.answer(kPeer, kNothing); }},
      {"an answer that comes from elsewhere", {}, [](Stage& stage) { stage.answer(kPeer, kAgreed, 0, false); }},
      {"ICMP unreachable for its probe",
       {Cue::kUnanswered, Cue::kTraced},
       [](Stage& stage) {
         const Flow flow = flow_of(stage);
         const auto probe = packet_of(probe_for(flow, stage.cookie(), kHere, nullptr));
         base::Bytes icmp{3, 3, 0, 0, 0, 0, 0, 0};
         icmp.insert(icmp.end(), probe.begin(), probe.end());
         stage.tell(DatagramCaught{support::ip_packet(flow.destination, flow.source, base::Protocol::kIcmp, icmp)});
       }},
      {"its deadline",
       {Cue::kRepeat, Cue::kUnanswered, Cue::kDisagreed, Cue::kTraced, Cue::kFailed, Cue::kNext, Cue::kAgreed,
        Cue::kYielded, Cue::kReleased, Cue::kForgotten},
       [](Stage& stage) { stage.wait(); }},
      {"its tunnel up", {Cue::kTunnelUp}, [](Stage& stage) { stage.tell(tunnel(kPeer, kAgreed, stage.cookie())); }},
      {"its tunnel up, narrowed",
       {Cue::kTunnelUp, Cue::kFailed, Cue::kNext},
       [](Stage& stage) {
         base::Selector narrow = kAgreed;
         narrow.remote = masked("10.2.0.0/25");
         stage.tell(tunnel(kPeer, narrow, stage.cookie()));
       }},
      {"a tunnel of the peer's for its flow",
       {Cue::kTunnelUp},
       [](Stage& stage) { stage.tell(tunnel(kPeer, kAgreed, {})); }},
      {"a rekeyed tunnel for its flow that was not known",
       {Cue::kTunnelUp},
       [](Stage& stage) { stage.tell(TunnelRekeyed{TunnelId{4}, tunnel(kPeer, kAgreed, {})}); }},
      {"a tunnel for other flows", {}, [](Stage& stage) { stage.tell(tunnel(kPeer, kNothing, {})); }},
      {"a tunnel that policy does not protect", {}, [](Stage& stage) { stage.tell(tunnel(kPeer, kUnsound, {})); }},
      {"a tunnel whose peer may not speak for it",
       {},
       [](Stage& stage) {
         TunnelUp up = tunnel(kPeer, kAgreed, {});
         up.authorisation = Authorisation{.identity = "gw-b.example", .allowed = {}, .basis = "nobody says so"};
         stage.tell(up);
       }},
      {"its tunnel up, whose peer may not speak for it",
       {Cue::kFailed, Cue::kNext},
       [](Stage& stage) {
         TunnelUp up = tunnel(kPeer, kAgreed, stage.cookie());
         up.authorisation = Authorisation{.identity = "gw-b.example", .allowed = {}, .basis = "nobody says so"};
         stage.tell(up);
       }},
      {"another authorisation of a tunnel that is not known",
       {},
       [](Stage& stage) { stage.tell(TunnelAuthorised{TunnelId{5}, {}}); }},
      {"a tunnel down", {}, [](Stage& stage) { stage.tell(TunnelDown{TunnelId{5}}); }},
      {"strongSwan's no",
       {Cue::kFailed, Cue::kNext},
       [](Stage& stage) { stage.tell(BringUpFailed{stage.cookie(), "AUTHENTICATION_FAILED"}); }},
      {"strongSwan's no to another one",
       {Cue::kFailed},
       [](Stage& stage) { stage.tell(BringUpFailed{stage.another_cookie(), "AUTHENTICATION_FAILED"}); }},
      {"changed routes", {Cue::kReleased}, [](Stage& stage) { stage.tell(RoutesChanged{}); }},
      {"its peer to be forgotten", {Cue::kForgotten}, [](Stage& stage) { stage.tell(PeerForgotten{kPeer}); }},
      {"a trace of its flow", {}, [](Stage& stage) { stage.tell(TraceRequested{TraceId{2}, flow_of(stage)}); }},
      {"a data plane", {}, [](Stage& stage) { stage.tell(DataPlaneFound{policy::DataPlane::kUserspace}); }},
      {"the machine's addresses", {}, [](Stage& stage) { stage.tell(MachineAddresses{{kHere}}); }},
      {"a probe of the peer's for it",
       {},
       [](Stage& stage) {
         stage.tell(DatagramCaught{packet_of(probe_for(flow_of(stage).mirrored(), wire::Cookie{9}, kPeer, nullptr))});
       }},
      {"a damaged datagram",
       {},
       [](Stage& stage) {
         auto packet = packet_of(probe_for(flow_of(stage), stage.cookie(), kHere, nullptr));
         packet.resize(packet.size() - 1);
         stage.tell(DatagramCaught{packet});
       }},
  };
  return kAll;
}

/// What one stimulus did in one situation.
struct Outcome {
  State before;
  State after;
  std::set<std::string> effects;
  std::optional<Cue> failure;  ///< what a discovery failed for
};

/// The kinds of failure, each by its cue.
std::map<Cue, std::uint64_t> failures_of(const Stage& stage) {
  return {{Cue::kDisagreed, stage.count(Counter::kDiscoveriesDisagreed)},
          {Cue::kUnanswered, stage.count(Counter::kDiscoveriesUnanswered)},
          {Cue::kFailed, stage.count(Counter::kDiscoveriesIkeFailed) + stage.count(Counter::kDiscoveriesRefused)}};
}

Outcome outcome_of(const Situation& situation, const Stimulus& stimulus) {
  Stage stage(situation.observes);
  situation.reach(stage);
  stage.begin();
  const State before = stage.subject() != nullptr ? stage.subject()->state : State::kIdle;
  EXPECT_EQ(before, situation.state) << situation.name;
  const auto failures = failures_of(stage);
  stimulus.give(stage);
  EXPECT_EQ(stage.count(Counter::kIllegalMoves), 0U) << situation.name << ", " << stimulus.name;
  const Discovery* one = stage.subject();
  std::optional<Cue> failure;
  for (const auto& [cue, count] : failures_of(stage)) {
    if (count != failures.at(cue)) failure = cue;
  }
  const State gone = before == State::kIdle ? State::kIdle : State::kFinished;
  return {before, one != nullptr && !(before == State::kIdle && one->trace) ? one->state : gone, stage.effects(),
          failure};
}

/// The move that was made; null when there is none, or more than one that fits.
const Move* move_of(const Situation& situation, const Stimulus& stimulus, const Outcome& outcome) {
  const Move* found = nullptr;
  for (const Move& move : kMoves) {
    const bool fits = move.from == outcome.before && move.to == outcome.after && stimulus.cues.contains(move.cue) &&
                      (move.to != State::kHoldingDown || move.cue == outcome.failure) &&
                      (move.cue != Cue::kObserved || situation.observes) &&
                      (move.cue != Cue::kTraced || !situation.observes);
    if (!fits) continue;
    if (found != nullptr) return nullptr;
    found = &move;
  }
  return found;
}

// These say that a move was made when the state is the same.
bool is_move(const Outcome& outcome, const Stimulus& stimulus) {
  return outcome.before != outcome.after || outcome.effects.contains("bring up") ||
         (stimulus.cues.contains(Cue::kRepeat) &&
          (outcome.before == State::kProbing || outcome.before == State::kYielding));
}

std::string line_of(const Situation& situation, const Stimulus& stimulus, const Outcome& outcome) {
  std::string effects;
  for (const std::string& effect : outcome.effects) effects += (effects.empty() ? "" : ", ") + effect;
  return "| " + std::string(situation.name) + " | " + stimulus.name + " | `" + std::string(name(outcome.after)) +
         "` | " + effects + " |\n";
}

TEST(EveryEvent, InEverySituationIsALegalMoveOrNone) {
  std::set<const Move*> made;
  for (const Situation& situation : situations()) {
    for (const Stimulus& stimulus : stimuli()) {
      const Outcome outcome = outcome_of(situation, stimulus);
      if (!is_move(outcome, stimulus)) continue;
      const Move* move = move_of(situation, stimulus, outcome);
      EXPECT_NE(move, nullptr) << line_of(situation, stimulus, outcome);
      made.insert(move);
      EXPECT_TRUE(!outcome.effects.contains("bring up") || outcome.after == State::kNegotiating) << situation.name;
    }
  }
  for (const Move& move : kMoves) {
    EXPECT_TRUE(made.contains(&move)) << "no event makes it: " << name(move.from) << " + " << name(move.cue);
  }
}

// What can be no cue does the same whatever the discovery does.
TEST(EveryEvent, ThatIsNoCueLeavesEachDiscoveryAlone) {
  for (const Stimulus& stimulus : stimuli()) {
    if (!stimulus.cues.empty()) continue;
    for (const Situation& situation : situations()) {
      const Outcome outcome = outcome_of(situation, stimulus);
      EXPECT_EQ(outcome.before, outcome.after) << line_of(situation, stimulus, outcome);
      const Situation idle{State::kIdle, "idle", [](Stage&) {}, situation.observes};
      EXPECT_EQ(outcome.effects, outcome_of(idle, stimulus).effects) << line_of(situation, stimulus, outcome);
    }
  }
}

TEST(EveryEvent, ANewPolicyForgetsThemAll) {
  static const Stimulus kReplaced{
      "a new policy", {}, [](Stage& stage) { stage.tell(PolicyReplaced{policy_of_test()}); }};
  for (const Situation& situation : situations()) {
    const Outcome outcome = outcome_of(situation, kReplaced);
    EXPECT_EQ(outcome.after, outcome.before == State::kIdle ? State::kIdle : State::kFinished) << situation.name;
    EXPECT_EQ(outcome.effects.contains("tell the asker"), std::string(situation.name) == "probing for a trace");
  }
}

TEST(EveryEvent, OfEveryKindIsTold) {
  for (const Stimulus& stimulus : stimuli()) (void)outcome_of(situations().front(), stimulus);
  Stage().tell(PolicyReplaced{policy_of_test()});
  EXPECT_EQ(Stage::kinds_told().size(), std::variant_size_v<Event>);
}

std::string as_told() {
  std::string lines = "| in | comes | then | and the engine does |\n|---|---|---|---|\n";
  std::string all = "Tried in each of these:";
  for (const Situation& situation : situations()) {
    for (const Stimulus& stimulus : stimuli()) {
      const Outcome outcome = outcome_of(situation, stimulus);
      const bool tells = outcome.before != outcome.after || !outcome.effects.empty();
      if (tells && !stimulus.cues.empty()) lines += line_of(situation, stimulus, outcome);
    }
  }
  for (const Stimulus& stimulus : stimuli()) all += (all.ends_with(':') ? " " : "; ") + std::string(stimulus.name);
  return lines + "\n" + all + ".\n";
}

TEST(EveryEvent, IsInTheDocument) {
  expect_generated("events", as_told());
}

}  // namespace
}  // namespace engine
