#include "daemon/ike.hpp"

#include <algorithm>
#include <utility>

#include "base/hex.hpp"
#include "daemon/ike_names.hpp"
#include "daemon/log.hpp"
#include "daemon/loop.hpp"
#include "daemon/responder_children.hpp"
#include "daemon/why.hpp"
#include "platform/vici/selector_text.hpp"

namespace tedd {

namespace {

constexpr base::Duration kInitiationTimeout = std::chrono::seconds(25);  // less than the engine waits
/// What comes and goes while charon lists: more than it has room for means that it never answers.
constexpr std::size_t kMaxMeanwhile = 65'536;

}  // namespace

Ike::Ike(const config::Config& config, Credentials credentials, Handlers handlers, pki::Examiner* examiner)
    : config_(config),
      examiner_(examiner),
      handlers_(std::move(handlers)),
      charon_(config.ike.socket,
              vici::CharonHandlers{
                  .state = [this](bool connected, std::string_view words) { on_state(connected, words); },
                  .up = [this](const vici::TunnelUp& up) { adopted_ ? on_up(up) : on_early(up); },
                  .down = [this](const vici::TunnelDown& down) { on_down(down.child_id); },
                  .rekeyed = [this](const vici::TunnelRekeyed& rekeyed) { on_rekeyed(rekeyed); },
                  .ike_rekeyed = {},
                  .ike_down = {},
                  // What charon no longer has nobody tells of: the engine would take it for standing for ever.
                  .not_ended =
                      [this](std::uint32_t child_id, const vici::Error& error) {
                        log_charon("a tunnel cannot be taken down, and is forgotten", error);
                        on_down(child_id);
                      },
              },
              [] { return Loop::now(); }) {
  use(std::move(credentials));
}

void Ike::on_state(bool connected, std::string_view words) {
  if (connected) {
    denied_ = false;
    log(Level::kNotice, "TED-CHARON", "connected to charon at " + config_.ike.socket);
    return on_connected();
  }
  denied_ = words.starts_with(vici::name(vici::ErrorCode::kNotPermitted));
  log(Level::kWarning, "TED-CHARON",
      denied_ ? no_right_to_charon(config_.ike.socket) + ": until then no tunnel comes up, and probes travel on"
              : "charon at " + config_.ike.socket + " is away (" + std::string(words) +
                    "): no tunnel comes up, and probes travel on, until it is back");
  stop_judging_all();
  adopted_ = false;
  early_.clear();
  ended_.clear();
  handlers_.ready(false);
}

// What a killed tedd left is taken out first; what stands is adopted last, when charon knows us again.
void Ike::on_connected() {
  if (withdrawing_) return;
  charon_.holds_responder([this](const vici::Result<bool>& held) {
    if (!held || *held) return take_over();
    restarted_ = true;
    // Others may have unloaded our connection: only when no tunnel of ours stands nobody needs what is in the kernel.
    charon_.list_sas([this](const vici::Result<std::vector<vici::TunnelUp>>& standing) {
      if (standing && standing->empty() && handlers_.fresh) handlers_.fresh();
      take_over();
    });
  });
}

void Ike::take_over() {
  if (withdrawing_ || !charon_.is_connected()) return;
  charon_.unload_all_own([this](const vici::Result<void>& done) {
    if (!done) log_charon("what an earlier tedd left cannot be unloaded", done.error());
    load_all();
  });
}

void Ike::load_all() {
  if (withdrawing_) return;
  charon_.version([this](const vici::Result<vici::Version>& version) {
    if (version) version_ = version->version;
  });
  charon_.stats([this](const vici::Result<vici::Stats>& stats) {
    if (!stats) return log_charon("charon does not tell its plugins", stats.error());
    data_plane_ = stats->data_plane;
    handlers_.event(engine::DataPlaneFound{data_plane_ == vici::DataPlane::kUserspace ? policy::DataPlane::kUserspace
                                                                                      : policy::DataPlane::kKernel});
  });
  load_secret();
  load_responder();
  charon_.list_sas([this](const vici::Result<std::vector<vici::TunnelUp>>& standing) {
    // Nobody knows what stands then, so nothing may be built on it.
    if (!standing) return charon_.reconnect("it does not list its tunnels: " + standing.error().text());
    adopt(*standing);
    ready_when_judged_ = true;
    be_ready_when_judged();
  });
}

void Ike::offer(std::shared_ptr<const policy::Snapshot> policy) {
  policy_ = std::move(policy);
  if (charon_.is_connected()) load_responder();
}

void Ike::load_responder() {
  if (withdrawing_) return;
  const vici::ResponderConfig responder{.local_addresses = config_.gateway.addresses,
                                        .proposals = {config_.ike.ike, config_.ike.esp},
                                        .certificates = certificates_,
                                        .children = responder_children(policy_->rules())};
  charon_.load_responder(responder, [](const vici::Result<void>& done) {
    if (!done) log_charon("charon does not take the connection for incoming peers", done.error());
  });
}

void Ike::set_credentials(Credentials credentials) {
  use(std::move(credentials));
  if (charon_.is_connected()) load_secret();
  judge_anew();
}

void Ike::load_secret() {
  if (withdrawing_) return;
  if (certificates_) return load_key();
  charon_.load_psk(credentials_.secret.text(), [](const vici::Result<void>& done) {
    if (!done) log_charon("charon does not take the shared secret", done.error());
  });
}

// A tunnel that stood before and is listed is the same one, unless charon started anew meanwhile: then its number is
// another tunnel's by now, and the engine, which takes a number that it knows for the tunnel that it knows, has to hear
// first that the old one is gone.
void Ike::adopt(const std::vector<vici::TunnelUp>& standing) {
  std::vector<std::uint32_t> gone = known_;
  if (!std::exchange(restarted_, false)) {
    for (const auto* list : {&standing, &std::as_const(early_)}) {
      for (const vici::TunnelUp& up : *list) std::erase(gone, up.child_id);
    }
  }
  adopted_ = true;
  for (const std::uint32_t id : gone) on_down(id);
  for (const auto* list : {&standing, &std::as_const(early_)}) {
    for (const vici::TunnelUp& up : *list) {
      if (std::ranges::find(ended_, up.child_id) == ended_.end()) on_up(up);
    }
  }
  early_.clear();
  ended_.clear();
}

void Ike::on_early(const vici::TunnelUp& up) {
  if (early_.size() < kMaxMeanwhile) return early_.push_back(up);
  charon_.reconnect("too many tunnels come before it has listed what stands");
}

void Ike::on_ended_early(std::uint32_t child_id) {
  if (ended_.size() < kMaxMeanwhile) return ended_.push_back(child_id);
  charon_.reconnect("too many tunnels go before it has listed what stands");
}

void Ike::on_down(std::uint32_t child_id) {
  if (!adopted_) on_ended_early(child_id);
  on_gone(child_id);
}

void Ike::on_gone(std::uint32_t child_id) {
  std::erase(known_, child_id);
  judged_.erase(child_id);
  if (judging_.contains(child_id)) return stop_judging(child_id);
  handlers_.event(engine::TunnelDown{engine::TunnelId{child_id}});
}

std::optional<std::vector<base::Selector>> Ike::judgeable(const vici::TunnelUp& up) {
  auto selectors = vici::from_ts(up.local_ts, up.remote_ts);
  // Selectors that do not pair carry nothing, or charon printed them wrongly: it looks names of protocols up in a way
  // that is not safe between its threads. Nobody can tell what such a tunnel carries.
  if (selectors && selectors->empty()) {
    selectors = std::unexpected(vici::Error{vici::ErrorCode::kSelectorText, "its selectors do not pair", 0});
  }
  if (selectors) return *std::move(selectors);
  log_charon("a tunnel to " + up.peer.text() + " carries what cannot be judged, and is taken down", selectors.error());
  take_down({engine::TunnelId{up.child_id}});
  return std::nullopt;
}

// Charon may list the one that went, the one that came or both.
void Ike::on_rekeyed(const vici::TunnelRekeyed& rekeyed) {
  if (!adopted_) {
    on_ended_early(rekeyed.old_child_id);
    on_early(rekeyed.now);
  }
  std::optional before{engine::TunnelId{rekeyed.old_child_id}};
  auto selectors = judgeable(rekeyed.now);
  if (!selectors) return on_gone(rekeyed.old_child_id);
  std::ranges::replace(known_, rekeyed.old_child_id, rekeyed.now.child_id);
  judged_.erase(rekeyed.old_child_id);
  if (const auto judged = judging_.extract(rekeyed.old_child_id)) before = judged.mapped().before;
  tell(rekeyed.now, *std::move(selectors), before);
}

void Ike::on_up(const vici::TunnelUp& up) {
  auto selectors = judgeable(up);
  if (!selectors) return;
  if (std::ranges::find(known_, up.child_id) == known_.end()) known_.push_back(up.child_id);
  tell(up, *std::move(selectors), std::nullopt);
}

void Ike::bring_up(const engine::BringUp& wanted) {
  const auto fail = [this, cookie = wanted.cookie](const std::string& reason) {
    handlers_.event(engine::BringUpFailed{cookie, reason});
  };
  auto child = vici::child_of(child_name(wanted.cookie), wanted.selectors);
  if (withdrawing_) return fail("tedd ends");
  if (!child) return fail("the selectors cannot be written for charon: " + child.error().text());
  vici::Initiation initiation{.name = child->name,
                              .local = wanted.gateway,
                              .peer = wanted.peer,
                              .local_ts = std::move(child->local_ts),
                              .remote_ts = std::move(child->remote_ts),
                              .proposals = {config_.ike.ike, config_.ike.esp},
                              .certificates = certificates_};
  const auto told = [fail, outside = outside_own_blocks(wanted.selectors)](const vici::InitiationResult& failure) {
    if (!failure) return;
    const std::string why = failure->failure == vici::FailureClass::kTsUnacceptable ? outside : "";
    fail(std::string(vici::name(failure->failure)) + " (" + failure->words + why + ")");
  };
  charon_.initiate(std::move(initiation), kInitiationTimeout, told);
}

void Ike::take_down(const engine::TakeDown& unwanted) {
  charon_.end_child(static_cast<std::uint32_t>(unwanted.id), unwanted.dead);
}

// First what a peer's request would meet, so that no tunnel comes behind those that are ended.
void Ike::withdraw(std::function<void()> done) {
  withdrawing_ = true;
  if (!charon_.is_connected()) return done();
  charon_.cancel_initiations("tedd ends");
  if (!key_name_.empty()) {
    charon_.unload_key(key_name_, [](const vici::Result<void>& unloaded) {
      if (!unloaded) log_charon("our private key cannot be unloaded", unloaded.error());
    });
  }
  charon_.unload_all_own([this, done = std::move(done)](const vici::Result<void>& unloaded) mutable {
    if (!unloaded) log_charon("our connections cannot be unloaded", unloaded.error());
    charon_.terminate_all_own([done = std::move(done)](const vici::Result<void>& ended) {
      if (!ended) log_charon("tunnels cannot be ended", ended.error());
      done();
    });
  });
}

}  // namespace tedd
