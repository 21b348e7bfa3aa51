// What tedd keeps in nftables: the guard, which outlives it, and the interception, which does not.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "config/config.hpp"
#include "control/reply.hpp"
#include "engine/action.hpp"
#include "engine/token_bucket.hpp"
#include "platform/nft/client.hpp"
#include "platform/nft/dynamic.hpp"
#include "platform/nft/edition.hpp"
#include "platform/nft/flowtables.hpp"
#include "platform/nft/generation.hpp"
#include "platform/nft/guard.hpp"
#include "platform/nft/watch.hpp"
#include "policy/snapshot.hpp"

namespace tedd {

/// NFLOG groups, one reader each; high, because low numbers are what people choose by hand.
inline constexpr std::uint16_t kCatchGroup = 32'001;
inline constexpr std::uint16_t kProbeGroup = 32'002;
inline constexpr std::uint16_t kResponseGroup = 32'003;

/// Two programs that undo each other's work never end; one of them is slower, so that tedd has time for its own.
inline constexpr double kRepairBurst = 50;
inline constexpr double kRepairsPerSecond = 10;

class GuardKeeper {
 public:
  using Outcome = base::Result<void, std::string>;

  explicit GuardKeeper(const config::Gateway& gateway) : gateway_(gateway) {}

  /// Hears from now on what others do to our tables; before install(), so that nothing is missed.
  [[nodiscard]] Outcome watch();
  /// Readable when somebody changed rules: call repair(). After watch().
  [[nodiscard]] int watch_fd() const { return watch_->fd(); }

  /// What repair() found and did.
  struct Repairs {
    std::vector<std::string> done;            ///< a sentence for each table that was put back
    std::optional<std::string> guard;         ///< why it could not be: tried again at retry_deadline()
    std::optional<std::string> interception;  ///< likewise
  };
  /// Undoes what somebody else did to our tables since the last call, and puts in place what we could not ourselves:
  /// kRepairBurst times in a row at once, then at most kRepairsPerSecond times a second, when retry_deadline() says.
  /// Never undoes a release().
  [[nodiscard]] Repairs repair(const policy::Snapshot& policy, base::Instant now);
  /// When to call repair() although nobody changed anything.
  [[nodiscard]] std::optional<base::Instant> retry_deadline() const;
  /// How often a table was put back.
  [[nodiscard]] std::uint64_t repairs() const { return repairs_; }

  /// Puts the guard for `policy` in force in place of the one that is there; tunnels and openings given before stay. On
  /// an error that one is in force.
  [[nodiscard]] Outcome install(const policy::Snapshot& policy);
  /// Why the guard before the one in force could not be deleted, if so, and not told yet. Nothing meets it.
  [[nodiscard]] std::optional<std::string> take_left() { return std::exchange(left_, std::nullopt); }
  /// Interfaces that are to the outside beside those of the configuration, because these are their ports; in force at
  /// the next install() and the next intercept().
  void set_carriers(std::vector<std::string> carriers) { carriers_ = std::move(carriers); }
  [[nodiscard]] const std::vector<std::string>& carriers() const { return carriers_; }
  /// Which flows may enter a userspace tunnel, and which may pass in the clear; in force at the next apply().
  void set_tunnels(std::vector<base::Selector> selectors);
  void set_openings(std::vector<engine::Opening> openings);
  [[nodiscard]] const std::vector<engine::Opening>& openings() const { return openings_; }
  /// Puts what set_… left behind into the kernel; nothing when nothing changed or there is no guard. On an error there
  /// may be none any more, and what a rule may cover is dropped by the safety net, or, without one, passes,
  /// until repair() succeeds.
  [[nodiscard]] Outcome apply(const policy::Snapshot& policy, base::Instant now);
  /// Takes the guard away on purpose.
  [[nodiscard]] Outcome release();
  /// Taken away on purpose, or never put in place: nobody but a reload may put it there.
  [[nodiscard]] bool released() const { return !wanted_; }
  /// As far as was heard: repair() first, to be sure.
  [[nodiscard]] bool in_force() const { return in_force_ && heard_.guard == nft::Change::kNone; }

  /// Asks the kernel for flowtables, if some may have come or gone since the last call: at the first call, and when
  /// repair() heard of it. True when they are others than before. An error is told once, with the next call that asks.
  [[nodiscard]] base::Result<bool, std::string> look_for_flowtables();
  /// As of the last look_for_flowtables().
  [[nodiscard]] const std::vector<nft::Flowtable>& flowtables() const { return flowtables_; }

  /// What the guard in the kernel has dropped, by why; nothing when the kernel cannot be asked.
  void add_counters(control::Counters& list);

  /// Takes probes and responses off the wire from now on, or replaces how. On an error they travel on until repair()
  /// succeeds.
  [[nodiscard]] Outcome intercept(const policy::Snapshot& policy, base::Instant now);
  /// Lets them travel on.
  void stop_intercepting() {
    intercepting_ = false;
    interception_.reset();
  }
  [[nodiscard]] bool intercepts() const { return interception_.has_value(); }

 private:
  [[nodiscard]] base::Result<nft::Client*, std::string> client();
  /// Whether the kernel was found to lack reassembly just now; said once.
  [[nodiscard]] bool lacks_reassembly(nft::Client& nftables);
  [[nodiscard]] bool is_entered(const nft::GuardOptions& options) const;
  void hear();
  [[nodiscard]] bool is_damaged() const;
  /// `transactions` of our own are between `before` and now, and have put the guard in place anew if `mended`; `deaf`:
  /// the watch was paused meanwhile.
  void hear_own(const base::Result<nft::Generation, nft::Error>& before, std::uint32_t transactions, bool deaf,
                bool mended);
  void repair_guard(const policy::Snapshot& policy, base::Instant now, Repairs& repairs);
  void repair_interception(const policy::Snapshot& policy, base::Instant now, Repairs& repairs);
  [[nodiscard]] Outcome put_interception(const policy::Snapshot& policy);
  [[nodiscard]] std::vector<nft::Opening> nft_openings() const;
  void put_net(const policy::Snapshot& policy);
  [[nodiscard]] base::Result<void, nft::Error> say_to_net(const std::string& text);

  [[nodiscard]] std::vector<std::string> outside() const;
  [[nodiscard]] base::Result<nft::Generation, nft::Error> generation();

  const config::Gateway& gateway_;
  std::vector<std::string> carriers_;
  std::optional<nft::Client> guard_;
  std::optional<nft::Client> interception_;
  std::optional<nft::Client> net_;
  std::string net_text_;  ///< what stands in it
  std::vector<base::Selector> tunnels_;
  std::vector<base::Selector> standing_;  ///< those of them that the kernel has
  std::vector<engine::Opening> openings_;
  std::optional<nft::Watch> watch_;
  std::optional<nft::GenerationCounter> generations_;
  nft::Changes heard_;  ///< and not mended yet
  engine::TokenBucket repairable_{kRepairsPerSecond, kRepairBurst};
  std::optional<base::Instant> retry_;
  std::optional<std::string> left_;
  std::vector<nft::Flowtable> flowtables_;
  bool flowtables_changed_ = true;
  nft::Edition edition_{};  ///< the one in force
  std::uint64_t repairs_ = 0;
  bool reassembles_ = true;    ///< as long as the kernel was not found to lack it
  bool wanted_ = false;        ///< installed, and not released
  bool in_force_ = false;      ///< in the kernel
  bool intercepting_ = false;  ///< wanted there: charon is ready
  bool tunnels_changed_ = false;
  bool openings_changed_ = false;
};

}  // namespace tedd
