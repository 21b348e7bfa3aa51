// The part of Ike about certificates: what charon is given of them, and how a peer is judged before the engine hears of
// its tunnel. Until then nothing passes: the guard knows only what the engine told it.
#include <utility>

#include "daemon/ike.hpp"
#include "daemon/ike_names.hpp"

namespace tedd {

namespace {

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
  authoriser_.use(credentials_.certificates, config_.peers, config_.ike.excess);
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

void Ike::tell(const vici::TunnelUp& up, std::vector<base::Selector> selectors,
               std::optional<engine::TunnelId> before) {
  judging_[up.child_id] = {before, cookie_in(up.child)};
  if (!certificates_) return on_judged(up, selectors, std::nullopt);
  if (up.peer_id.empty()) return on_judged(up, selectors, authoriser_.refuse({}, "strongSwan tells no identity of it"));
  charon_.list_certificates(up.peer_id, [this, up, selectors = std::move(selectors)](
                                            const vici::Result<std::vector<base::Bytes>>& listed) {
    if (!listed && listed.error().code == vici::ErrorCode::kClosed) return;
    on_judged(up, selectors,
              listed ? authoriser_.judge(up.peer_id, *listed, certificate_time())
                     : authoriser_.refuse(up.peer_id, "strongSwan lists no certificates: " + listed.error().text()));
  });
}

void Ike::on_judged(const vici::TunnelUp& up, const std::vector<base::Selector>& selectors,
                    std::optional<engine::Authorisation> authorisation) {
  const auto judged = judging_.extract(up.child_id);
  if (judged.empty()) return;  // it has gone meanwhile
  if (authorisation) identities_[up.child_id] = up.peer_id;
  engine::TunnelUp told{.id = engine::TunnelId{up.child_id},
                        .peer = up.peer,
                        .gateway = up.local,
                        .selectors = selectors,
                        .cookie = judged.mapped().cookie,
                        .authorisation = std::move(authorisation)};
  if (const auto before = judged.mapped().before) {
    handlers_.event(engine::TunnelRekeyed{*before, std::move(told)});
  } else {
    handlers_.event(std::move(told));
  }
  be_ready_when_judged();
}

void Ike::judge_anew() {
  if (!certificates_) return;
  for (const auto& [child_id, identity] : identities_) {
    handlers_.event(
        engine::TunnelAuthorised{engine::TunnelId{child_id}, authoriser_.judge(identity, {}, certificate_time())});
  }
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
