#include "daemon/authoriser.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace tedd {

namespace {

/// What all of them have; nothing when one says nothing of addresses.
std::optional<base::AddressSet> common_blocks(const std::vector<Authoriser::Valid>& all) {
  std::optional<base::AddressSet> common = all.front().verified.blocks;
  for (const Authoriser::Valid& one : all) {
    if (!one.verified.blocks) return std::nullopt;
    common = common->common(*one.verified.blocks);
  }
  return common;
}

/// What those of them that say something of addresses have in common; all that there is when none does.
base::AddressSet bounded(base::AddressSet allowed, const std::vector<Authoriser::Valid>& all) {
  for (const Authoriser::Valid& one : all) {
    if (one.verified.blocks) allowed = allowed.common(*one.verified.blocks);
  }
  return allowed;
}

/// Out goes every certificate that its authority has replaced by a younger one.
void keep_last_words(std::vector<Authoriser::Valid>& valid) {
  const std::vector<Authoriser::Valid> all = valid;
  std::erase_if(valid, [&all](const Authoriser::Valid& one) {
    return std::ranges::any_of(all, [&one](const Authoriser::Valid& other) {
      return other.certificate.issuer() == one.certificate.issuer() &&
             other.certificate.not_before() > one.certificate.not_before();
    });
  });
}

}  // namespace

void Authoriser::use(std::shared_ptr<const pki::Credentials> credentials, const std::vector<config::Peer>& peers,
                     config::Excess excess) {
  credentials_ = std::move(credentials);
  peers_ = peers;
  narrows_ = excess == config::Excess::kNarrow;
}

engine::Authorisation Authoriser::refuse(const std::string& identity, std::string why) const {
  return {.identity = identity, .allowed = {}, .basis = std::move(why), .narrows = narrows_};
}

void Authoriser::remember(const std::string& identity, const std::vector<base::Bytes>& listed) {
  for (const base::Bytes& der : listed) {
    auto one = pki::Certificate::from_der(der);
    if (!one || !one->is_named(identity)) continue;
    if (!remembered_.contains(identity) && remembered_.size() >= kMaxIdentities) remembered_.erase(remembered_.begin());
    Certificates& known = remembered_[identity];
    if (std::ranges::find(known, *one) != known.end()) continue;
    if (known.size() >= kMaxCertificatesOfOne) known.erase(known.begin());
    known.push_back(*std::move(one));
  }
}

Authoriser::Held Authoriser::held(const std::string& identity, pki::Time now) const {
  Held held;
  const auto found = remembered_.find(identity);
  if (found == remembered_.end()) return held;
  for (const pki::Certificate& one : found->second) {
    Certificates chain = {one};
    // What stands between a peer and an authority is either an authority of ours, too, or above our own certificate.
    const auto& own = credentials_->chain;
    chain.insert(chain.end(), own.begin() + 1, own.end());
    auto verified = credentials_->trust.verify(chain, now);
    if (verified) {
      held.valid.push_back({one, *std::move(verified)});
    } else {
      held.fault = std::move(verified).error().message;
    }
  }
  keep_last_words(held.valid);
  return held;
}

engine::Authorisation Authoriser::judge(const std::string& identity, const std::vector<base::Bytes>& listed,
                                        pki::Time now) {
  if (!credentials_) return refuse(identity, "this gateway has no certificates to judge it by");
  remember(identity, listed);
  const Held its = held(identity, now);
  if (its.valid.empty()) {
    return refuse(identity, its.fault.empty() ? "strongSwan has no certificate with that name of it" : its.fault);
  }
  return authorise(identity, its);
}

engine::Authorisation Authoriser::judge(const pki::Certificate& shown, const pki::Verified& verified) const {
  return authorise(shown.ike_name({}).text, {.valid = {{shown, verified}}, .fault = {}});
}

engine::Authorisation Authoriser::authorise(const std::string& identity, const Held& its) const {
  std::optional<base::AddressSet> given;
  for (const config::Peer& peer : peers_) {
    const bool is_it =
        std::ranges::all_of(its.valid, [&](const Valid& one) { return one.certificate.is_named(peer.identity); });
    if (!is_it) continue;
    if (!given) given.emplace();
    for (const base::AddressRange& range : peer.prefixes.ranges()) given->add(range);
  }
  const auto blocks = common_blocks(its.valid);
  if (!given && !blocks) return refuse(identity, "its certificate has no address blocks, and no [[peer]] names it");
  engine::Authorisation authorisation{
      .identity = identity,
      .allowed = given ? bounded(*given, its.valid) : *blocks,
      .basis = given ? "the [[peer]] that names it" : "its certificate's address blocks",
      .narrows = narrows_};
  if (authorisation.allowed.empty()) {
    authorisation.basis = given ? "its [[peer]] and its certificate's address blocks have nothing in common"
                                : "its certificate's address blocks are empty";
  }
  return authorisation;
}

}  // namespace tedd
