#include "daemon/why.hpp"

#include <algorithm>
#include <iterator>

#include "daemon/answers.hpp"
#include "daemon/ways_out.hpp"
#include "policy/story.hpp"

namespace tedd {

namespace {

const engine::Discovery* discovery_of(const engine::Engine& engine, policy::RuleIndex rule, const base::Flow& flow) {
  for (const auto& [id, discovery] : engine.discoveries().all()) {
    if (!discovery.trace && discovery.rule == rule && discovery.flow.destination == flow.destination) return &discovery;
  }
  return nullptr;
}

bool has_failed(const engine::Discovery& discovery) {
  return discovery.state == engine::State::kHoldingDown || discovery.state == engine::State::kResting;
}

/// IKE across the world takes less.
constexpr base::Duration kLongForIke = std::chrono::seconds(2);

std::string seconds(base::Duration span) {
  const auto tenths = std::chrono::duration_cast<std::chrono::milliseconds>(std::max(span, base::Duration{})) / 100;
  return std::to_string(tenths.count() / 10) + "." + std::to_string(tenths.count() % 10) + " s";
}

// What happens again and again is told once, as of the last time, with how often.
std::vector<Diary::Step> told_once(const std::vector<Diary::Step>& steps) {
  std::vector<Diary::Step> told;
  std::vector<std::size_t> times;
  for (const Diary::Step& step : steps) {
    const auto same = std::ranges::find_if(
        told, [&](const auto& one) { return one.id == step.id && one.text == step.text && one.peer == step.peer; });
    const auto at = same - told.begin();
    std::size_t before = 0;
    if (same != told.end()) {
      before = times[static_cast<std::size_t>(at)];
      told.erase(same);
      times.erase(times.begin() + at);
    }
    told.push_back(step);
    times.push_back(before + 1);
  }
  for (std::size_t i = 0; i < told.size(); ++i) {
    if (times[i] > 1) told[i].text += " (" + std::to_string(times[i]) + " times lately)";
  }
  return told;
}

/// Puts one answer together.
class Answer {
 public:
  Answer(const engine::Engine& engine, const Diary& diary, const Surroundings& around, const base::Flow& flow,
         base::Instant now)
      : engine_(engine),
        around_(around),
        flow_(flow),
        now_(now),
        match_(engine.policy().first_match(flow)),
        heard_(engine.unanswered().about(flow)) {
    why_.flow = flow;
    steps_ = told_once(diary.about(flow.destination));
    for (const Diary::Step& step : steps_) {
      control::Event event{std::string(name(step.id)), wall_clock(step.at), step.text, {}};
      if (step.peer) event.fields.emplace_back("peer", step.peer->text());
      why_.steps.push_back(std::move(event));
    }
    if (heard_ != nullptr) {
      heard_story_ = engine::story(*heard_, engine_.policy());
      tell_step(*heard_);
    }
  }

  control::Why give() {
    const auto plane = engine_.settings().data_plane;
    const auto found = policy::explain(engine_.policy(), nullptr, flow_, plane);
    why_.because = policy::story(found, engine_.policy(), nullptr, plane);
    why_.rule = found.mine.rule;
    if (engine_.settings().observes && found.mine.action != policy::Action::kBypass) {
      tell_observed();
    } else if (found.mine.action == policy::Action::kProtect) {
      tell_protected();
    } else {
      why_.verdict = found.mine.action == policy::Action::kBlock ? "blocked" : "clear";
      tell_unprotected();
    }
    return std::move(why_);
  }

 private:
  void advise(std::string text) { why_.advice.push_back(std::move(text)); }
  void advise_against(const std::string& reason) {
    std::ranges::move(ways_out(reason, flow_), std::back_inserter(why_.advice));
  }

  // Among what happened here, by the id that the log has.
  void tell_step(const engine::UnansweredProbe& probe) {
    const bool passed = engine::row_of(probe.ruling).end == engine::ProbeEnd::kTravelsOn;
    control::Event event{std::string(name(passed ? engine::ReportId::kProbePassedOn : engine::ReportId::kProbeDropped)),
                         wall_clock(probe.at),
                         heard_story_,
                         {}};
    event.fields.emplace_back("peer", probe.gateway.text());
    const auto after = [&](const control::Event& one) { return one.time > event.time; };
    why_.steps.insert(std::ranges::find_if(why_.steps, after), std::move(event));
  }

  // What another gateway asked here in vain: it cannot know why.
  bool tell_heard() {
    if (heard_ == nullptr) return false;
    const std::string times = heard_->times > 1 ? ", the last of " + std::to_string(heard_->times) : "";
    advise("a probe of gateway " + heard_->gateway.text() + " for " + heard_->flow.text() + " came " +
           seconds(now_ - heard_->at) + " ago" + times + ", and was not answered: " + heard_story_);
    if (auto way = way_out(*heard_); !way.empty()) advise(std::move(way));
    return true;
  }

  // Whoever asks here because another gateway is not answered learns whether it is for this one to answer.
  void tell_what_came() {
    const auto answered = engine_.asked().answered(flow_);
    if (answered) {
      advise("a probe of gateway " + answered->first.text() + " for it was answered " +
             seconds(now_ - answered->second) +
             " ago: when that gateway says that nobody answers, the answer is lost on its way: UDP port 500 must pass "
             "from here to " +
             answered->first.text());
    }
    if (tell_heard() || answered) return;
    advise(
        "no probe of another gateway for it came here: when one says that it asks, UDP port 500 from " +
        flow_.destination.text() + " to " + flow_.source.text() +
        " does not pass some firewall on the way to this gateway, or comes in at an interface that 'interfaces' does "
        "not name");
  }

  void tell_unprotected() {
    const auto back = engine_.policy().first_match(flow_.mirrored());
    if (back && engine_.policy().rule(back->rule).action == policy::Action::kProtect) {
      advise("the same flow the other way is protected by rule '" + engine_.policy().rule(back->rule).name +
             "': a flow is written from the inside to the outside, PROTO LOCAL > REMOTE");
    } else if (!tell_heard() && !match_) {
      advise("to protect it add a rule that has it, before any rule that exempts it; 'tedctl check' tries the file");
      tell_unread();
    }
  }

  // What is not behind a rule that responds is not taken off the wire.
  void tell_unread() {
    const auto answers = [this](const policy::Rule& rule) {
      return rule.action == policy::Action::kProtect && rule.respond &&
             std::ranges::any_of(rule.local, [this](const auto& net) { return net.contains(flow_.source); });
    };
    if (std::ranges::any_of(engine_.policy().rules(), answers)) return;
    advise(
        "of another gateway that asks for it this one knows nothing: probes to networks behind none of its rules pass "
        "it unread");
  }

  // Nothing is dropped, whatever policy says.
  void tell_observed() {
    why_.verdict = "observed";
    advise("this gateway only observes (mode = \"observe\" in [gateway]): it protects and drops nothing");
    const auto all = engine_.observations().all();
    const auto known = std::ranges::find_if(all, [this](const engine::Observation& one) {
      return match_ && one.rule == match_->rule &&
             (one.agreed ? one.agreed->contains(flow_) : one.flow.destination == flow_.destination);
    });
    tell_heard();
    if (known == all.end()) return tell_blind();
    if (known->agreed) {
      return advise("with mode = \"protect\" a tunnel with " + known->peer->text() + " would carry it: " +
                    known->agreed->text() + (known->peer_observes ? "; that gateway only observes as well" : ""));
    }
    advise("with mode = \"protect\" no tunnel would carry it: " + known->reason);
    if (is_unanswered(known->reason)) tell_blind();
    advise_against(known->reason);
  }

  void tell_protected() {
    const engine::Tunnel* tunnel = engine_.tunnels().carrier(flow_);
    if (tunnel != nullptr) why_.tunnels.push_back(tunnel_of(*tunnel));
    if (tunnel != nullptr && (around_.charon_connected || !around_.charon_carries)) {
      why_.verdict = "protected";
      if (!around_.charon_connected) advise("strongSwan is away: the kernel goes on carrying it, but nobody rekeys");
      return;
    }
    const engine::Discovery* discovery = discovery_of(engine_, match_->rule, flow_);
    if (discovery != nullptr) why_.pending.push_back(pending_of(engine_, *discovery, now_, around_.openings));
    if (!around_.charon_connected) {
      why_.verdict = failing_or_open();
      if (around_.charon_denied) return advise(no_right_to_charon(around_.charon_socket));
      return advise(
          "strongSwan is away, and without it no tunnel comes up: start it, and see that its vici socket is " +
          around_.charon_socket + " ('socket' in [ike])");
    }
    if (discovery == nullptr) return tell_idle();
    if (!has_failed(*discovery)) return tell_under_way(*discovery);
    tell_failed(*discovery);
  }

  // The guard decides what a packet meets, and it keeps an opening while the destination is asked again.
  bool is_open() const { return in_the_clear(around_.openings, match_->rule, flow_.destination); }
  const char* failing_or_open() const { return is_open() ? "open" : "failing"; }

  void tell_under_way(const engine::Discovery& discovery) {
    why_.verdict = is_open() ? "open" : "in_progress";
    if (is_open()) {
      advise("it is being asked again who protects it; the opening closes as soon as a gateway answers");
    }
    if (discovery.state != engine::State::kNegotiating || now_ - discovery.last_sent < kLongForIke) return;
    advise("strongSwan has been negotiating with " + discovery.peer.text() + " for " +
           seconds(now_ - discovery.last_sent) + "; when that goes on: " + ways_of_ike());
  }

  // The answer may have come in where nobody looked; and so may a probe of the other gateway.
  void tell_blind() {
    for (const std::string& text : around_.blind) advise(text);
  }

  void tell_idle() {
    why_.verdict = is_open() ? "open" : "idle";
    tell_blind();
    const policy::Rule& rule = engine_.policy().rule(match_->rule);
    if (!rule.discover) {
      advise("rule '" + rule.name + "' has discover = false: only the other gateway can bring a tunnel up");
      return tell_what_came();
    }
    if (const Diary::Step* failure = last_failure()) {
      advise("its last discovery failed " + seconds(now_ - failure->at) + " ago: " + failure->text);
      return advise_against(failure->text);
    }
    advise(
        "no packet of it was caught lately: when none comes though a host sends, it does not come this way, or not "
        "out at an interface of this gateway; 'tedctl trace " +
        flow_.destination.text() + "' asks without one");
    tell_what_came();
  }

  // Failures are forgotten some time after their hold-down; what is to be done is the same.
  [[nodiscard]] const Diary::Step* last_failure() const {
    const auto ends = [](const Diary::Step& step) {
      return step.id == engine::ReportId::kDiscoveryFailed || step.id == engine::ReportId::kTunnelUp;
    };
    const auto last = std::ranges::find_if(steps_.rbegin(), steps_.rend(), ends);
    return last != steps_.rend() && last->id == engine::ReportId::kDiscoveryFailed ? &*last : nullptr;
  }

  // A gateway that was asked for what it must not give does not answer for a while: the reason is the one of before.
  void tell_earlier_failure() {
    const auto told = [](const Diary::Step& step) {
      return step.id == engine::ReportId::kDiscoveryFailed && !is_unanswered(step.text);
    };
    const auto earlier = std::ranges::find_if(steps_.rbegin(), steps_.rend(), told);
    if (earlier == steps_.rend()) return;
    advise("before that it failed otherwise: " + earlier->text);
    advise_against(earlier->text);
  }

  void tell_failed(const engine::Discovery& discovery) {
    why_.verdict = failing_or_open();
    if (around_.unsent) advise("probes did not leave this machine: " + *around_.unsent);
    const bool unanswered = is_unanswered(discovery.reason);
    if (unanswered) tell_blind();
    advise_against(discovery.reason);
    if (unanswered) tell_earlier_failure();
    if (unanswered && engine_.policy().rule(match_->rule).authenticated) {
      if (std::ranges::find(why_.advice, ways_of_proofs()) == why_.advice.end()) advise(ways_of_proofs());
      tell_wrong_proofs();
    }
    if (discovery.state == engine::State::kHoldingDown) {
      advise("it is tried again with the first packet after " + seconds(discovery.deadline - now_));
    } else {
      advise("it is tried again with the next packet");
    }
    tell_heard();
  }

  // The other gateway asks, too: what it cannot believe of us we cannot believe of it.
  void tell_wrong_proofs() {
    const auto wrong = engine_.counters().value(engine::Counter::kProofsWrong);
    if (wrong == 0) return;
    advise("this gateway has itself met " + std::to_string(wrong) +
           " proofs that do not hold (proofs_wrong): where they came of the gateway in question the two ends have "
           "different keys; the log names who sent them under TED-PROBE-PASSED-ON and TED-RESPONSE-REJECTED");
  }

  const engine::Engine& engine_;
  const Surroundings& around_;
  const base::Flow& flow_;
  base::Instant now_;
  std::optional<policy::Match> match_;
  const engine::UnansweredProbe* heard_;  ///< of another gateway, for a flow between these hosts; null without one
  std::string heard_story_;
  std::vector<Diary::Step> steps_;
  control::Why why_;
};

}  // namespace

std::string no_right_to_charon(const std::string& socket) {
  return "tedd has no right to charon's vici socket " + socket +
         " (permission denied): its user must be in the group that 'group' in strongSwan's charon-systemd section "
         "names (/etc/strongswan.d/opented.conf of the packages), charon be started anew after that was written, and "
         "the folders above the socket be open to it";
}

control::Why why(const engine::Engine& engine, const Diary& diary, const Surroundings& around, const base::Flow& flow,
                 base::Instant now) {
  return Answer(engine, diary, around, flow, now).give();
}

}  // namespace tedd
