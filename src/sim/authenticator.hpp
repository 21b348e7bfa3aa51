// Proofs for a simulation: as distinct as those of real keys, made in no time, and no secret.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/address_set.hpp"
#include "base/time.hpp"
#include "engine/authenticator.hpp"
#include "sim/options.hpp"
#include "wire/proof.hpp"

namespace sim {

/// What a gateway has to prove itself with. Two gateways believe each other's keyed hashes when `key` is the same, and
/// each other's signatures when `authority` is.
struct Keys {
  std::optional<std::uint64_t> key{};
  std::optional<std::uint64_t> authority{};
  std::string identity{};                    ///< in its certificate, beside
  std::optional<base::AddressSet> blocks{};  ///< the addresses that it may speak for; nothing: all
  bool narrows = false;                      ///< what it does with others that claim more
};

/// What a gateway of a simulation has that holds that key, or is vouched for by that authority.
[[nodiscard]] Keys keys_of(Proofs proofs, std::uint64_t key);

/// What the clocks of its gateways say, more or less.
[[nodiscard]] constexpr base::Instant time_of_day(base::Instant now) {
  return now + std::chrono::hours(500'000);
}

class SeededAuthenticator final : public engine::Authenticator {
 public:
  /// `clock` is this gateway's time of day.
  SeededAuthenticator(Keys keys, std::function<base::Instant()> clock);

  [[nodiscard]] engine::Means means() const override;
  [[nodiscard]] std::size_t length(engine::Means with) const override;
  [[nodiscard]] base::Bytes seal(base::Bytes datagram, engine::Means with) override;
  [[nodiscard]] engine::Standing judge(base::ByteView datagram, std::size_t proof_at,
                                       const engine::Sender& sender) override;

  /// From now on it has these.
  void change(Keys keys) { keys_ = std::move(keys); }
  /// Strangers have used up what it checks for those who have not shown that they receive at their gateway.
  void be_busy(bool busy = true) { busy_ = busy; }

 private:
  [[nodiscard]] wire::ProofParts parts(engine::Means with, std::span<const base::Bytes> certificates) const;

  Keys keys_;
  std::function<base::Instant()> clock_;
  bool busy_ = false;
};

}  // namespace sim
