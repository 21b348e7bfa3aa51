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
      return other.certificate.issuer == one.certificate.issuer &&
             other.certificate.not_before > one.certificate.not_before;
    });
  });
}

}  // namespace

void Authoriser::use(std::shared_ptr<const pki::Credentials> credentials, const std::vector<config::Peer>& peers,
                     config::Excess excess, pki::Examiner* examiner) {
  credentials_ = std::move(credentials);
  local_ = credentials_ ? std::make_unique<pki::LocalExaminer>(credentials_->trust) : nullptr;
  examiner_ = examiner != nullptr ? examiner : local_.get();
  peers_ = peers;
  narrows_ = excess == config::Excess::kNarrow;
}

engine::Authorisation Authoriser::refuse(const std::string& identity, std::string why) const {
  return {.identity = identity, .allowed = {}, .basis = std::move(why), .narrows = narrows_};
}

bool Authoriser::remember(const std::string& identity, const std::vector<base::Bytes>& listed) {
  bool all = true;
  for (const base::Bytes& der : listed) {
    const auto found = remembered_.find(identity);
    if (found != remembered_.end() && std::ranges::find(found->second, der, &Remembered::der) != found->second.end()) {
      continue;
    }
    auto facts = examiner_->describe(der);
    if (!facts) all = all && facts.error().code != pki::ErrorCode::kNotExamined;
    if (!facts || !facts->is_named(identity)) continue;
    if (found == remembered_.end() && remembered_.size() >= kMaxIdentities) {
      forgotten_ += remembered_.begin()->second.size();
      remembered_.erase(remembered_.begin());
    }
    Certificates& known = remembered_[identity];
    if (known.size() >= kMaxCertificatesOfOne) {
      known.erase(known.begin());
      ++forgotten_;
    }
    known.push_back({der, *std::move(facts)});
  }
  return all;
}

Authoriser::Held Authoriser::held(const std::string& identity, pki::Time now) {
  Held held;
  const auto found = remembered_.find(identity);
  if (found == remembered_.end()) return held;
  for (const Remembered& one : found->second) {
    std::vector<base::ByteView> chain = {one.der};
    // What stands between a peer and an authority is either an authority of ours, too, or above our own certificate.
    const auto& own = credentials_->chain;
    for (std::size_t i = 1; i < own.size(); ++i) chain.push_back(own[i].der());
    auto examined = examiner_->examine(chain, now);
    if (examined) {
      held.valid.push_back({std::move(examined->facts), std::move(examined->verified)});
    } else {
      held.is_examined = held.is_examined && examined.error().code != pki::ErrorCode::kNotExamined;
      held.fault = std::move(examined).error().message;
    }
  }
  keep_last_words(held.valid);
  return held;
}

// A certificate that could not be read might have been a younger one.
Authoriser::Judgement Authoriser::judge(const std::string& identity, const std::vector<base::Bytes>& listed,
                                        pki::Time now) {
  if (!credentials_) return {refuse(identity, "this gateway has no certificates to judge it by")};
  const bool all_read = remember(identity, listed);
  const Held its = held(identity, now);
  if (!all_read || !its.is_examined) {
    return {.authorisation = refuse(identity, "its certificates cannot be examined now"), .is_examined = false};
  }
  if (its.valid.empty()) {
    return {refuse(identity, its.fault.empty() ? "strongSwan has no certificate with that name of it" : its.fault)};
  }
  const auto first_to_end =
      std::ranges::min(its.valid, {}, [](const Valid& one) { return one.verified.until; }).verified.until;
  const auto expiring = std::ranges::min(its.valid, {}, [](const Valid& one) { return one.certificate.not_after; });
  return {.authorisation = authorise(identity, its),
          .until = first_to_end,
          .certificate_end = expiring.certificate.not_after};
}

engine::Authorisation Authoriser::judge(const pki::Facts& shown, const pki::Verified& verified) const {
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
  const char* const listed =
      blocks ? "the [[peer]] that names it, within its certificate's address blocks" : "the [[peer]] that names it";
  engine::Authorisation authorisation{.identity = identity,
                                      .allowed = given ? bounded(*given, its.valid) : *blocks,
                                      .basis = given ? listed : "its certificate's address blocks",
                                      .narrows = narrows_};
  if (authorisation.allowed.empty()) {
    authorisation.basis = given ? "its [[peer]] and its certificate's address blocks have nothing in common"
                                : "its certificate's address blocks are empty";
  }
  return authorisation;
}

}  // namespace tedd
