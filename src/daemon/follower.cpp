#include "daemon/follower.hpp"

#include <algorithm>

#include "daemon/answers.hpp"
#include "platform/rtnl/dump.hpp"

namespace tedd {

base::Result<void, std::string> Follower::watch() {
  if (watch_) return {};
  auto opened = rtnl::Watch::open();
  if (!opened) return std::unexpected(rtnl::text(opened.error()));
  watch_ = std::move(*opened);
  return {};
}

base::Result<HeldNetworks, std::string> Follower::look(std::span<const std::string> names, base::Instant now,
                                                       const config::NetworksByName& recalled) {
  HeldNetworks held(names);
  held.recall(recalled);
  if (names.empty()) return held;
  if (auto watched = watch(); !watched)
    return std::unexpected(watched.error());  // first: what changes meanwhile is told
  const auto tables = rtnl::dump();
  if (!tables) return std::unexpected(rtnl::text(tables.error()));
  held.observe(rtnl::interfaces_in(*tables, names), now);
  return held;
}

std::optional<int> Follower::fd() const {
  return watch_ ? std::optional(watch_->fd()) : std::nullopt;
}

void Follower::on_readable() {
  if (watch_->read()) changed_ = true;
}

std::optional<base::Instant> Follower::next_deadline() const {
  if (changed_) return rests_until_;
  const auto expiry = held_.next_deadline();
  return expiry ? std::optional(std::max(*expiry, rests_until_)) : std::nullopt;
}

base::Result<void, std::string> Follower::look_again(base::Instant now) {
  changed_ = false;
  const auto names = held_.names();
  if (names.empty()) return {};
  const auto tables = rtnl::dump();
  if (!tables) {
    retry(now);
    return std::unexpected(rtnl::text(tables.error()));
  }
  held_.observe(rtnl::interfaces_in(*tables, names), now);
  held_.expire(now);
  return {};
}

void Follower::rest(base::Duration cost, base::Instant now) {
  rests_until_ = std::max(rests_until_, now + std::max(kPause, cost * kTimesTheCost));
}

void Follower::retry(base::Instant now) {
  changed_ = true;
  rests_until_ = now + kRetry;
}

base::Result<Resolved, std::vector<std::string>> resolve(Follower& follower, const config::Config& config,
                                                         const std::string& file, base::Instant now,
                                                         const config::NetworksByName& recalled) {
  auto networks = follower.look(config::interface_names(config), now, recalled);
  if (!networks) return std::unexpected(std::vector{file + ": what is behind interfaces: " + networks.error()});
  auto rules = config::resolve(config, file, networks->networks());
  if (!rules) return std::unexpected(texts(rules.error()));
  return Resolved{*std::move(networks), *std::move(rules)};
}

}  // namespace tedd
