#include "daemon/known_chains.hpp"

#include <utility>

namespace tedd {

// Certificates in DER say how long they are: one behind the other they cannot be read in two ways.
std::string KnownChains::key_of(std::span<const base::ByteView> chain) {
  std::string key;
  for (const base::ByteView one : chain) key.append(one.begin(), one.end());
  return key;
}

KnownChain* KnownChains::find(std::span<const base::ByteView> chain, std::uint64_t now) {
  const auto found = known_.find(key_of(chain));
  if (found == known_.end()) return nullptr;
  // A clock that was put back must not make it hold longer.
  const bool holds = now < found->second.until && found->second.until - now <= kChainHolds;
  return holds ? &found->second : nullptr;
}

base::Result<const KnownChain*, pki::Error> KnownChains::verify(std::span<const base::ByteView> chain,
                                                                pki::Examiner& examiner, pki::Time day,
                                                                std::uint64_t now) {
  TED_TRY(pki::Examined examined, examiner.examine(chain, day));
  if (known_.size() >= kMaxKnownChains && !known_.contains(key_of(chain))) {
    known_.erase(known_.begin());
    ++forgotten_;
  }
  const auto at = known_.insert_or_assign(
      key_of(chain), KnownChain{std::move(examined.facts), std::move(examined.verified), now + kChainHolds});
  return &at.first->second;
}

}  // namespace tedd
