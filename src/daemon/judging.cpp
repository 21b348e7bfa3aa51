// The part of Ike about certificates: what charon is given of them, and how a peer is judged before the engine hears of
// its tunnel. Until then nothing passes: the guard knows only what the engine told it.
#include <algorithm>
#include <chrono>
#include <utility>

#include "daemon/ike.hpp"
#include "daemon/ike_names.hpp"

namespace tedd {

namespace {

/// When certificates could not be read.
constexpr std::chrono::seconds kRetry{2};

std::string text_of(const base::Bytes& der) {
  return {der.begin(), der.end()};
}

vici::CertificatesPtr given_to_charon(const pki::Credentials& credentials) {
  auto certificates = std::make_shared<vici::Certificates>();
  certificates->local_id = credentials.identity;
  certificates->own = text_of(credentials.chain.front().der());
  for (const pki::Certificate& one : credentials.trust.authorities()) {
    certificates->authorities.push_back(text_of(one.der()));
  }
  for (std::size_t i = 1; i < credentials.chain.size(); ++i) {
    certificates->authorities.push_back(text_of(credentials.chain[i].der()));
  }
  return certificates;
}

}  // namespace

void Ike::use(Credentials credentials) {
  credentials_ = std::move(credentials);
  certificates_ = credentials_.certificates ? given_to_charon(*credentials_.certificates) : nullptr;
  authoriser_.use(credentials_.certificates, config_.peers, config_.ike.excess, examiner_);
}

void Ike::load_key() {
  charon_.load_key(credentials_.certificates->key.der().view(), [this](const vici::Result<std::string>& name) {
    if (!name) return log_charon("charon does not take our private key", name.error());
    const std::string before = std::exchange(key_name_, *name);
    if (before.empty() || before == *name) return;
    charon_.unload_key(before, [](const vici::Result<void>& done) {
      if (!done) log_charon("our private key of before cannot be unloaded", done.error());
    });
  });
  for (const base::Bytes& list : credentials_.certificates->trust.revocation_lists()) {
    charon_.load_revocations(list, [](const vici::Result<void>& done) {
      if (!done) log_charon("charon does not take a revocation list; tedd minds it all the same", done.error());
    });
  }
}

// A peer that lets us speak for them only says no more than that it does not take what we asked for.
std::string Ike::outside_own_blocks(std::span<const base::Selector> wanted) const {
  const auto& ours = credentials_.certificates;
  if (!ours || !ours->blocks) return {};
  const auto found = std::ranges::find_if(wanted, [&](const auto& one) { return !ours->blocks->covers(one.local); });
  if (found == wanted.end()) return {};
  return "; our own certificate may speak for " + ours->blocks->text() + " only, which does not have " +
         found->local.text();
}

void Ike::tell(const vici::TunnelUp& up, std::vector<base::Selector> selectors,
               std::optional<engine::TunnelId> before) {
  judging_[up.child_id] = {before, cookie_in(up.child)};
  if (!certificates_) return on_judged(up, selectors, std::nullopt);
  if (up.peer_id.empty()) {
    return on_judged(up, selectors, {{authoriser_.refuse({}, "strongSwan tells no identity of it")}});
  }
  charon_.list_certificates(
      up.peer_id, [this, up, selectors = std::move(selectors)](const vici::Result<std::vector<base::Bytes>>& listed) {
        if (!listed && listed.error().code == vici::ErrorCode::kClosed) return;
        const std::string none = listed ? "" : "strongSwan lists no certificates: " + listed.error().text();
        on_judged(up, selectors,
                  listed ? authoriser_.judge(up.peer_id, *listed, certificate_time())
                         : Authoriser::Judgement{authoriser_.refuse(up.peer_id, none)});
      });
}

void Ike::on_judged(const vici::TunnelUp& up, const std::vector<base::Selector>& selectors,
                    std::optional<Authoriser::Judgement> judgement) {
  const auto judged = judging_.extract(up.child_id);
  if (judged.empty()) return;  // it has gone meanwhile
  if (judgement) note(up.child_id, up.peer_id, *judgement);
  engine::TunnelUp told{.id = engine::TunnelId{up.child_id},
                        .peer = up.peer,
                        .gateway = up.local,
                        .selectors = selectors,
                        .cookie = judged.mapped().cookie,
                        .authorisation = {}};
  if (judgement) told.authorisation = std::move(judgement->authorisation);
  if (const auto before = judged.mapped().before) {
    handlers_.event(engine::TunnelRekeyed{*before, std::move(told)});
  } else {
    handlers_.event(std::move(told));
  }
  be_ready_when_judged();
}

void Ike::note(std::uint32_t child_id, const std::string& identity, const Authoriser::Judgement& judged) {
  judged_[child_id] = {identity, judged.until, judged.certificate_end};
  if (judged.until) first_end_ = std::min(*judged.until, first_end_.value_or(*judged.until));
}

// One that nobody could read now stands as it stood, for a moment.
void Ike::judge_anew(pki::Time before) {
  if (!certificates_) return;
  const pki::Time now = certificate_time();
  first_end_.reset();
  for (const auto& [child_id, one] : std::map(judged_)) {
    Authoriser::Judgement judgement{.authorisation = {}, .until = one.until, .certificate_end = one.certificate_end};
    const bool is_due = before == pki::Time::max() || (one.until && *one.until < before);
    if (is_due) judgement = authoriser_.judge(one.identity, {}, now);
    if (!judgement.is_examined) judgement.until = now + kRetry;
    note(child_id, one.identity, judgement);
    if (!is_due || !judgement.is_examined) continue;
    handlers_.event(engine::TunnelAuthorised{engine::TunnelId{child_id}, std::move(judgement.authorisation)});
  }
}

std::optional<base::Instant> Ike::next_deadline(base::Instant now) const {
  constexpr std::chrono::seconds most = std::chrono::hours(1);
  if (!first_end_) return std::nullopt;
  const auto left = *first_end_ - certificate_time();
  return now + std::clamp(left + std::chrono::seconds(1), std::chrono::seconds(0), most);
}

void Ike::on_deadline() {
  const pki::Time now = certificate_time();
  if (first_end_ && *first_end_ < now) judge_anew(now);
}

CertificateEnds Ike::certificate_ends() const {
  CertificateEnds ends;
  for (const auto& [child_id, one] : judged_) {
    if (one.certificate_end) ends[one.identity] = *one.certificate_end;
  }
  return ends;
}

void Ike::stop_judging(std::uint32_t child_id) {
  const auto judged = judging_.extract(child_id);
  if (judged.mapped().before) {
    handlers_.event(engine::TunnelDown{*judged.mapped().before});
  } else if (judged.mapped().cookie) {
    handlers_.event(engine::BringUpFailed{*judged.mapped().cookie, "the tunnel ended before its peer was judged"});
  }
  be_ready_when_judged();
}

// What was known under an older number is listed under the new one by the next charon that answers, or by none.
void Ike::stop_judging_all() {
  ready_when_judged_ = false;
  while (!judging_.empty()) {
    std::erase(known_, judging_.begin()->first);
    stop_judging(judging_.begin()->first);
  }
}

void Ike::be_ready_when_judged() {
  if (!ready_when_judged_ || !judging_.empty()) return;
  ready_when_judged_ = false;
  handlers_.ready(true);
}

}  // namespace tedd
