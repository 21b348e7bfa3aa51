#include "daemon/why.hpp"

#include <algorithm>
#include <iterator>

#include "daemon/answers.hpp"
#include "daemon/heard.hpp"
#include "daemon/span_text.hpp"
#include "daemon/ways_out.hpp"
#include "engine/limits.hpp"
#include "engine/network.hpp"
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
        heard_(engine, flow, now) {
    why_.flow = flow;
    steps_ = told_once(diary.about(flow.destination));
    for (const Diary::Step& step : steps_) {
      control::Event event{std::string(name(step.id)), wall_clock(step.at), step.text, {}};
      if (step.peer) event.fields.emplace_back("peer", step.peer->text());
      why_.steps.push_back(std::move(event));
    }
    if (auto step = heard_.step()) {
      const auto after = [&](const control::Event& one) { return one.time > step->time; };
      why_.steps.insert(std::ranges::find_if(why_.steps, after), *std::move(step));
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
  void advise(std::vector<std::string> texts) { std::ranges::move(texts, std::back_inserter(why_.advice)); }
  void advise_against(const std::string& reason) { advise(ways_out(reason, flow_)); }

  void tell_unprotected() {
    const auto back = engine_.policy().first_match(flow_.mirrored());
    if (back && engine_.policy().rule(back->rule).action == policy::Action::kProtect) {
      advise("the same flow the other way is protected by rule '" + engine_.policy().rule(back->rule).name +
             "': a flow is written from the inside to the outside, PROTO LOCAL > REMOTE");
    } else if (auto heard = heard_.unanswered(); !heard.empty() || match_) {
      advise(std::move(heard));
    } else {
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
    advise(heard_.unanswered());
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
      forget_what_was_mended();
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

  // What led to the tunnel, and what came after it: what failed before is the history's.
  void forget_what_was_mended() {
    const auto named = [](engine::ReportId id) {
      return [id](const control::Event& step) { return step.id == name(id); };
    };
    auto& steps = why_.steps;
    const auto up = std::find_if(steps.rbegin(), steps.rend(), named(engine::ReportId::kTunnelUp));
    const auto failed = std::find_if(up, steps.rend(), named(engine::ReportId::kDiscoveryFailed));
    steps.erase(steps.begin(), failed.base());
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
      return advise(heard_.all());
    }
    const bool asks_each = rule.on_failure == policy::OnFailure::kBypass;
    const auto* const refusal = asks_each ? nullptr : engine_.refusals().keeping(match_->rule, flow_, now_);
    if (refusal != nullptr) return tell_kept_by(*refusal);
    if (const Diary::Step* failure = last_failure()) {
      advise("its last discovery failed " + seconds(now_ - failure->at) + " ago: " + failure->text);
      return advise_against(failure->text);
    }
    if (!asks_each && engine_.silent().is_silent(match_->rule, flow_.destination)) return tell_silent();
    advise(
        "no packet of it was caught lately: when none comes though a host sends, it does not come this way, or not "
        "out at an interface of this gateway; 'tedctl trace " +
        flow_.destination.text() + "' asks without one");
    advise(heard_.all());
  }

  // It has no discovery of its own: what would carry it was asked for by another flow.
  void tell_kept_by(const engine::Refusal& refusal) {
    why_.verdict = failing_or_open();
    advise("a tunnel that would carry it did not come up a moment ago, for another address of " + network() + ": " +
           refusal.reason);
    advise_against(refusal.reason);
    tell_next_try(refusal.until);
    advise(heard_.unanswered());
  }

  void tell_silent() {
    why_.verdict = failing_or_open();
    advise("no gateway answered for " + std::to_string(engine::kSilentDestinations) + " addresses of " + network() +
           " or more lately, so its other addresses share one probe in " + seconds(engine::kHoldDownMax) +
           "; 'tedctl trace " + flow_.destination.text() + "' asks for this one at once");
    advise_against("no gateway answered");
    advise(heard_.unanswered());
  }

  std::string network() const { return engine::network_of(flow_.destination).text(); }

  void tell_next_try(base::Instant at, const Diary::Step* failure = nullptr) {
    const std::string it = failure == nullptr ? "it is" : "it failed " + seconds(now_ - failure->at) + " ago, and is";
    if (now_ < at) return advise(it + " tried again with the first packet after " + seconds(at - now_));
    advise(it + " tried again with the next packet");
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
    const auto ends = [](const Diary::Step& step) {
      return (step.id == engine::ReportId::kDiscoveryFailed && !is_unanswered(step.text)) ||
             step.id == engine::ReportId::kTunnelUp;  // whatever it was before, it was mended
    };
    const auto earlier = std::ranges::find_if(steps_.rbegin(), steps_.rend(), ends);
    if (earlier == steps_.rend() || earlier->id == engine::ReportId::kTunnelUp) return;
    advise("before that, " + seconds(now_ - earlier->at) + " ago, it failed otherwise: " + earlier->text);
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
    tell_next_try(discovery.state == engine::State::kHoldingDown ? discovery.deadline : now_, last_failure());
    advise(heard_.unanswered());
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
  Heard heard_;
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
