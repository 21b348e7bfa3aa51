#include "daemon/guard_keeper.hpp"

#include <algorithm>
#include <utility>

#include "daemon/log.hpp"
#include "platform/nft/beside.hpp"
#include "platform/nft/drops.hpp"
#include "platform/nft/dynamic.hpp"
#include "platform/nft/interception.hpp"
#include "platform/nft/reassembly.hpp"
#include "platform/nft/replacement.hpp"
#include "platform/nft/safety_net.hpp"
#include "platform/nft/standing.hpp"

namespace tedd {

namespace {

/// The engine confirms an opening at every failed discovery, at most half a minute apart; a tedd that died confirms
/// nothing.
constexpr std::chrono::seconds kOpeningLifetime{60};

/// The device of strongSwan's kernel-libipsec. Where the kernel does ESP there is none, and the line matches nothing.
constexpr const char* kTunnelInterface = "ipsec0";

/// Until the next repair may be due, when others go on changing our tables.
constexpr std::chrono::milliseconds kPause{static_cast<int>(1000 / kRepairsPerSecond)};

/// Soon enough to be of use, seldom enough to spare a kernel that has no memory.
constexpr std::chrono::seconds kRetry{1};

std::unexpected<std::string> failure(const char* what, const nft::Error& error) {
  return std::unexpected(std::string(what) + ": nftables says: " + error.message);
}

std::string refusal(const policy::Snapshot& policy, const policy::PlanError& error) {
  return "line " + std::to_string(policy.rule(error.rule).source_line) + ": " + error.message + " (" + error.hint + ")";
}

}  // namespace

base::Result<nft::Client*, std::string> GuardKeeper::client() {
  if (!guard_) {
    auto opened = nft::Client::open();
    if (!opened) return failure("the guard", opened.error());
    guard_ = std::move(*opened);
  }
  return &*guard_;
}

GuardKeeper::Outcome GuardKeeper::install(const policy::Snapshot& policy) {
  TED_TRY(nft::Client * nftables, client());
  const auto planned = policy::plan_guard(policy);
  if (!planned) return std::unexpected(refusal(policy, planned.error()));
  nft::GuardOptions options{.catch_group = kCatchGroup,
                            .gateway_addresses = gateway_.addresses,
                            .tunnel_interface = kTunnelInterface,
                            .reassemble = reassembles_,
                            .interfaces = outside()};
  const auto openings = nft_openings();
  const nft::Guard guard{policy, options, *planned ? &**planned : nullptr, tunnels_, openings};
  const auto before = generation();
  const std::uint32_t transactions = nftables->transactions();
  hear();
  const bool deaf = watch_ && guard.plan != nullptr;
  if (deaf) watch_->pause();
  auto done = nft::replace_guard(*nftables, guard);
  if (!done && lacks_reassembly(*nftables)) {
    options.reassemble = false;
    done = nft::replace_guard(*nftables, guard);
  }
  if (deaf) watch_->resume();
  if (done) edition_ = done->edition;
  hear_own(before, nftables->transactions() - transactions, deaf && !(done && is_entered(options)), done.has_value());
  if (!done) return failure("the guard cannot be put in place", done.error());
  if (done->left) left_ = "nftables says: " + done->left->message;
  wanted_ = in_force_ = true;
  tunnels_changed_ = openings_changed_ = false;
  standing_ = tunnels_;
  put_net(policy);
  return {};
}

// Without it a flush leaves a gap, and all else is as it should be.
void GuardKeeper::put_net(const policy::Snapshot& policy) {
  std::string text = nft::safety_net_ruleset(policy, kTunnelInterface, outside());
  if (net_ && text == net_text_) return;
  auto done = say_to_net(text);
  if (done) {
    net_text_ = std::move(text);
    return;
  }
  net_.reset();
  log(Level::kWarning, "TED-GUARD-NET", "no safety net behind the guard: nftables says: " + done.error().message);
}

base::Result<void, nft::Error> GuardKeeper::say_to_net(const std::string& text) {
  if (!net_) {
    TED_TRY(nft::Client opened, nft::Client::open());
    net_ = std::move(opened);
  }
  return net_->run(text);
}

// Kept open: a socket that ends here, between a flush and the repair, holds the repair up.
base::Result<nft::Generation, nft::Error> GuardKeeper::generation() {
  if (!generations_) {
    TED_TRY(nft::GenerationCounter opened, nft::GenerationCounter::open());
    generations_ = std::move(opened);
  }
  return generations_->ask();
}

std::vector<std::string> GuardKeeper::outside() const {
  std::vector<std::string> all = gateway_.interfaces;
  all.insert(all.end(), carriers_.begin(), carriers_.end());
  return all;
}

bool GuardKeeper::lacks_reassembly(nft::Client& nftables) {
  if (!reassembles_) return false;
  const auto can = nft::can_reassemble(nftables);
  if (!can || *can) return false;
  reassembles_ = false;
  log(Level::kWarning, "TED-GUARD-FRAGMENTS",
      "this kernel has no tproxy (CONFIG_NFT_TPROXY) and cannot put fragments together for the guard: those that may "
      "belong to a protect or block rule with ports are dropped, and a large policy is asked line by line");
  return true;
}

// What others changed meanwhile was somewhere else when every way into the guard is as it was put there.
bool GuardKeeper::is_entered(const nft::GuardOptions& options) const {
  const auto now = nft::standing(guard_->link());
  return now && std::ranges::all_of(nft::hooks(options), [&](const nft::Hook& hook) {
           return std::ranges::any_of(now->entries, [&](const nft::Standing::Rule& rule) {
             return rule.chain == hook.chain && rule.goes_to == nft::named(hook.chain, edition_);
           });
         });
}

// When nobody else changed anything since all was heard it was ours alone, and no reason to put anything back. When
// somebody did while nothing was heard, it may have been to our tables.
void GuardKeeper::hear_own(const base::Result<nft::Generation, nft::Error>& before, std::uint32_t transactions,
                           bool deaf, bool mended) {
  const nft::Changes heard = heard_;
  hear();
  const auto after = generation();
  if (before && after && after->number == before->number + transactions) {
    heard_ = {.guard = mended ? nft::Change::kNone : heard.guard, .interception = heard.interception};
  } else if (deaf) {
    heard_ = {.guard = nft::Change::kUnknown, .interception = nft::Change::kUnknown};
    flowtables_changed_ = true;
  }
}

void GuardKeeper::hear() {
  if (!watch_) return;
  const nft::Changes changes = watch_->read();
  heard_.guard = std::max(heard_.guard, changes.guard);
  heard_.interception = std::max(heard_.interception, changes.interception);
  flowtables_changed_ |= changes.flowtables;
}

base::Result<bool, std::string> GuardKeeper::look_for_flowtables() {
  if (!std::exchange(flowtables_changed_, false)) return false;
  TED_TRY(nft::Client * nftables, client());
  auto found = nft::flowtables(nftables->link());
  if (!found) return failure("flowtables cannot be listed", found.error());
  return std::exchange(flowtables_, *found) != *found;
}

void GuardKeeper::add_counters(control::Counters& list) {
  const auto nftables = client();
  const auto counts = nftables ? nft::drop_counts((*nftables)->link()) : std::unexpected(nft::Error{});
  if (!counts) return;
  for (std::size_t i = 0; i < counts->size(); ++i) {
    list.values.emplace_back("guard_dropped_" + std::string(nft::name_of(nft::Drop(i))), counts->at(i));
  }
}

std::vector<nft::Opening> GuardKeeper::nft_openings() const {
  std::vector<nft::Opening> openings;
  openings.reserve(openings_.size());
  for (const engine::Opening& opening : openings_) {
    openings.push_back({opening.rule, opening.destination, kOpeningLifetime});
  }
  return openings;
}

void GuardKeeper::set_tunnels(std::vector<base::Selector> selectors) {
  tunnels_ = std::move(selectors);
  tunnels_changed_ = true;
}

void GuardKeeper::set_openings(std::vector<engine::Opening> openings) {
  openings_ = std::move(openings);
  openings_changed_ = true;
}

// A packet waits for this: what did not change is not said again.
GuardKeeper::Outcome GuardKeeper::apply(const policy::Snapshot& policy, base::Instant now) {
  if (!in_force_) return {};
  std::string text;
  if (std::exchange(tunnels_changed_, false)) text += nft::tunnels_update(standing_, tunnels_, edition_);
  if (std::exchange(openings_changed_, false)) text += nft::openings_ruleset(policy, nft_openings(), edition_);
  if (text.empty()) return {};
  TED_TRY(nft::Client * nftables, client());
  // A tunnel's flows before its network: between the two nothing of it is kept out of it.
  if (nftables->run(text) && nftables->run(nft::behind_update(standing_, tunnels_, edition_))) {
    standing_ = tunnels_;
    return {};
  }
  // Somebody removed the table, or a part of it, and we have not heard of it yet: the whole guard again.
  auto done = install(policy);
  in_force_ = done.has_value();
  if (!done) retry_ = now + kRetry;
  return done;
}

GuardKeeper::Outcome GuardKeeper::watch() {
  auto opened = nft::Watch::open();
  if (!opened) return failure("the guard cannot be watched", opened.error());
  watch_ = std::move(*opened);
  return {};
}

std::optional<base::Instant> GuardKeeper::retry_deadline() const {
  return is_damaged() && !retry_ ? std::optional(base::Instant{}) : retry_;
}

bool GuardKeeper::is_damaged() const {
  return heard_.guard != nft::Change::kNone || heard_.interception != nft::Change::kNone;
}

GuardKeeper::Repairs GuardKeeper::repair(const policy::Snapshot& policy, base::Instant now) {
  Repairs repairs;
  hear();
  if (is_damaged() && !repairable_.take(now)) {
    retry_ = now + kPause;
    return repairs;
  }
  const nft::Changes changes = std::exchange(heard_, {});
  retry_.reset();
  if (wanted_ && (!in_force_ || changes.guard != nft::Change::kNone)) repair_guard(policy, now, repairs);
  if (intercepting_ && (!interception_ || changes.interception != nft::Change::kNone)) {
    repair_interception(policy, now, repairs);
  }
  repairs_ += repairs.done.size();
  return repairs;
}

void GuardKeeper::repair_guard(const policy::Snapshot& policy, base::Instant now, Repairs& repairs) {
  const auto done = install(policy);
  in_force_ = done.has_value();
  if (done) {
    repairs.done.emplace_back("somebody changed the guard, or more than can be told; it was put back as a whole");
  } else {
    retry_ = now + kRetry;
    repairs.guard =
        (net_ ? "the safety net drops all that a rule may cover: " : "protected flows may pass in the clear: ") +
        done.error();
  }
}

void GuardKeeper::repair_interception(const policy::Snapshot& policy, base::Instant now, Repairs& repairs) {
  if (const auto done = intercept(policy, now); !done) {
    repairs.interception = done.error();
  } else {
    repairs.done.emplace_back("somebody changed the interception, or more than can be told; it was put back");
  }
}

GuardKeeper::Outcome GuardKeeper::release() {
  TED_TRY(nft::Client * nftables, client());
  if (const auto done = nftables->delete_guard(); !done) {
    return failure("the guard cannot be taken down", done.error());
  }
  net_.reset();
  wanted_ = in_force_ = false;
  return {};
}

GuardKeeper::Outcome GuardKeeper::intercept(const policy::Snapshot& policy, base::Instant now) {
  intercepting_ = true;
  auto done = put_interception(policy);
  if (!done) {
    interception_.reset();
    retry_ = now + kRetry;
  }
  return done;
}

GuardKeeper::Outcome GuardKeeper::put_interception(const policy::Snapshot& policy) {
  if (!interception_) {
    auto opened = nft::Client::open();
    if (!opened) return failure("the interception", opened.error());
    interception_ = std::move(*opened);
  }
  const nft::InterceptOptions options{.probe_group = kProbeGroup,
                                      .response_group = kResponseGroup,
                                      .interfaces = outside(),
                                      .gateway_addresses = gateway_.addresses};
  if (const auto done = interception_->run(nft::interception_ruleset(policy, options)); !done) {
    return failure("probes cannot be taken off the wire", done.error());
  }
  return {};
}

}  // namespace tedd
