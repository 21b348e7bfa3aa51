// Chains of certificates that were shown in discovery and verified not long ago: a peer shows the same with each
// message, and to verify it costs a signature check for each step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "daemon/signature_budget.hpp"
#include "engine/token_bucket.hpp"
#include "platform/pki/examiner.hpp"

namespace tedd {

inline constexpr std::size_t kMaxKnownChains = 4096;
/// Dates pass, and lists go stale: what was verified longer ago is verified again.
inline constexpr std::uint64_t kChainHolds = 60'000;

struct KnownChain {
  pki::Facts shown;  ///< of the holder's certificate
  pki::Verified verified;
  std::uint64_t until = 0;  ///< in milliseconds of the caller's clock
  engine::TokenBucket checks{kSignaturesOfOneChain, kSignaturesOfOneChain};
};

class KnownChains {
 public:
  /// The chain, if it was verified within kChainHolds; null when it was not.
  [[nodiscard]] KnownChain* find(std::span<const base::ByteView> chain, std::uint64_t now);
  /// Has it examined; what is good is remembered. All that Examiner::examine() says.
  [[nodiscard]] base::Result<const KnownChain*, pki::Error> verify(std::span<const base::ByteView> chain,
                                                                   pki::Examiner& examiner, pki::Time day,
                                                                   std::uint64_t now);
  /// Other authorities or lists: nothing is known.
  void clear() { known_.clear(); }
  /// Chains that made room for others, and are verified again when they are shown again.
  [[nodiscard]] std::uint64_t forgotten() const { return forgotten_; }

 private:
  [[nodiscard]] static std::string key_of(std::span<const base::ByteView> chain);

  std::unordered_map<std::string, KnownChain> known_;
  std::uint64_t forgotten_ = 0;
};

}  // namespace tedd
