#include "platform/nft/replacement.hpp"

#include <algorithm>
#include <iterator>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>
#include <string>
#include <utility>

#include "platform/nft/beside.hpp"
#include "platform/nft/grace.hpp"
#include "platform/nft/plan_chains.hpp"
#include "platform/nft/rule_message.hpp"
#include "platform/nft/standing.hpp"

namespace nft {
namespace {

using Names = std::vector<std::string>;

Names some(const Names& names, auto predicate) {
  Names chosen;
  std::ranges::copy_if(names, std::back_inserter(chosen), predicate);
  return chosen;
}

bool contains(const Names& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

/// Rules first, then sets, whose elements name chains, then the chains.
void delete_all(Batch& batch, const Names& chains, const Names& sets) {
  for (const std::string& chain : chains) empty_chain(batch, chain);
  for (const std::string& set : sets) delete_set(batch, set);
  for (const std::string& chain : chains) delete_chain(batch, chain);
}

class Replacement {
 public:
  Replacement(Client& client, const Guard& guard) : client_(client), guard_(guard) {}

  base::Result<Replaced, Error> run() {
    TED_TRY(const Standing before, standing(client_.link()));
    edition_ = before.next();
    if (auto done = delete_unused(before); !done) return std::unexpected(done.error());
    auto entered = build();
    if (entered) entered = enter(before);
    if (!entered && !is_entered()) {
      give_up();
      return std::unexpected(entered.error());
    }
    Replaced done{.edition = edition_, .left = {}};
    if (auto swept = sweep(); !swept) done.left = std::move(swept).error();
    return done;
  }

 private:
  base::Result<void, Error> build() {
    const bool planned = guard_.plan != nullptr && guard_.options.reassemble;
    auto done = client_.run(
        guard_ruleset(guard_.policy, guard_.options, edition_, planned ? Form::kPlan : Form::kLines) +
        tunnels_ruleset(guard_.tunnels, edition_) + openings_ruleset(guard_.policy, guard_.openings, edition_));
    if (done && !guard_.options.tunnel_interface.empty())
      done = client_.run(behind_update({}, guard_.tunnels, edition_));
    return done && planned ? add_plan(client_, *guard_.plan, edition_) : done;
  }

  // The way to the edition before goes with it: a packet that has taken it is not stopped, and the kernel does not look
  // through both for loops. What is no such way stays behind the new one until it may go.
  base::Result<void, Error> enter(const Standing& before) {
    Batch batch;
    for (const Standing::Rule& rule : before.entries) {
      if (edition_of(rule.goes_to)) delete_rule(batch, rule.chain, rule.handle);
    }
    for (const Hook& hook : hooks(guard_.options)) {
      add_hooked_chain(batch, hook);
      const std::string target = named(hook.chain, edition_);
      RuleMessage(batch, std::string(hook.chain), RuleMessage::At::kHead).decide({NFT_GOTO, target});
    }
    return client_.run(std::move(batch));
  }

  base::Result<void, Error> sweep() {
    if (auto done = wait_for_packets(); !done) return done;
    TED_TRY(const Standing now, standing(client_.link()));
    Batch batch;
    Names hooked;
    for (const Hook& hook : hooks(guard_.options)) hooked.emplace_back(hook.chain);
    for (const Standing::Rule& rule : now.entries) {
      if (edition_of(rule.goes_to) != edition_) delete_rule(batch, rule.chain, rule.handle);
    }
    Names chains = some(now.hooked, [&](const auto& name) { return !contains(hooked, name); });
    std::ranges::move(some(now.chains, [&](const auto& name) { return edition_of(name) != edition_; }),
                      std::back_inserter(chains));
    delete_all(batch, chains, some(now.sets, [&](const auto& name) { return edition_of(name) != edition_; }));
    return client_.run(std::move(batch));
  }

  // A tedd that was killed, or a replacement that failed, left what nothing leads to: it may go at once.
  base::Result<void, Error> delete_unused(const Standing& now) {
    const auto unused = [&](const std::string& name) {
      const auto edition = edition_of(name);
      return edition && !now.enters(*edition);
    };
    Batch batch;
    delete_all(batch, some(now.chains, unused), some(now.sets, unused));
    return client_.run(std::move(batch));
  }
  // What cannot be deleted now the next replacement deletes.
  void give_up() {
    const auto now = standing(client_.link());
    if (now && !now->enters(edition_)) [[maybe_unused]]
      const auto done = delete_unused(*now);
  }
  /// Whether it is in force although its commit was not acknowledged: the answer may be lost.
  bool is_entered() {
    const auto now = standing(client_.link());
    return now && now->enters(edition_);
  }

  Client& client_;
  const Guard& guard_;
  Edition edition_{};
};

}  // namespace

base::Result<Replaced, Error> replace_guard(Client& client, const Guard& guard) {
  return Replacement(client, guard).run();
}

}  // namespace nft
