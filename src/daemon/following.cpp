// The part of Gateway that keeps the policy up with what lies behind interfaces.
#include <algorithm>
#include <utility>

#include "daemon/answers.hpp"
#include "daemon/gateway.hpp"

namespace tedd {

// The guard is right from the first moment, also at a boot that has no interface up yet; what stands in the way is said
// by start().
std::shared_ptr<const policy::Snapshot> Gateway::first_policy() {
  auto resolved = resolve(follower_, config_, file_, Loop::now(), last_good_.networks());
  if (!resolved) resolved = resolve(follower_, config_, file_, Loop::now());  // with what was before it may be too much
  if (!resolved) {
    for (const std::string& reason : resolved.error()) unresolved_ += (unresolved_.empty() ? "" : "\n") + reason;
    return std::make_shared<const policy::Snapshot>();
  }
  follow(std::move(resolved->networks));
  return std::make_shared<const policy::Snapshot>(std::move(resolved->rules));
}

void Gateway::follow(HeldNetworks networks) {
  networks_ = networks.networks();
  follower_.adopt(std::move(networks));
}

// Also where no rule names an interface: what failed may be reached, and tunnels may lead nowhere, after each change.
Gateway::Outcome Gateway::watch_routes() {
  if (auto watched = follower_.watch(); !watched) return std::unexpected("routes: " + watched.error());
  networks_source_ = loop_.io(*follower_.fd(), [this](Loop::Readiness) {
    follower_.on_readable();
    shield_.keep();
    turn();
  });
  return {};
}

void Gateway::refresh() {
  const base::Instant began = Loop::now();
  const bool changed = follower_.has_changed();
  follow_outside();
  const auto lost = follower_.held().lost();
  const auto looked = follower_.look_again(began);
  if (!looked) refuse_networks(looked.error());
  for (const std::string& name : follower_.held().lost()) {
    if (std::ranges::find(lost, name) == lost.end()) tell_lost(name);
  }
  apply_networks();
  if (changed) handle(engine::RoutesChanged{});
  follower_.rest(Loop::now() - began, Loop::now());
}

void Gateway::apply_networks() {
  auto networks = follower_.held().networks();
  if (networks == networks_) return;
  auto rules = config::resolve(config_, file_, networks);
  if (!rules) {
    for (const std::string& reason : texts(rules.error())) refuse_networks(reason);
    return;
  }
  if (std::ranges::equal(*rules, policy_->rules())) {
    networks_ = std::move(networks);
    return;
  }
  auto policy = std::make_shared<const policy::Snapshot>(*std::move(rules), *policy_);
  if (const auto done = guard_.released() ? Outcome() : replace_guard(*policy); !done) {
    refuse_networks(done.error());
    follower_.retry(Loop::now());
    return;
  }
  publish(Level::kNotice, {.id = "TED-NETWORKS-CHANGED",
                           .time = wall_clock(Loop::now()),
                           .text = "behind " + difference(networks_, networks),
                           .fields = {}});
  networks_ = std::move(networks);
  keep(last_good_.keep(networks_));
  adopt(std::move(policy));
  for (const policy::Remark& remark : config::idle_rules(config_, policy_->rules())) {
    log_limited(Level::kWarning, "TED-CONFIG", remark.text);
  }
}

void Gateway::tell_lost(const std::string& name) {
  publish(Level::kWarning, {.id = "TED-NETWORKS-HELD",
                            .time = wall_clock(Loop::now()),
                            .text = "interface " + name +
                                    " is down, gone or without networks: rules that protect or block go on with its "
                                    "last ones until it has some again",
                            .fields = {}});
}

// An interface may come late, be named as it comes, and become a port of another one, which is taken for named from
// then on: named in its place, the port would see no probe, and the guard take what arrives in the clear for something
// from inside.
void Gateway::look_outside() {
  auto found = tedd::look_outside(config_.gateway);
  if (!found) return log_limited(Level::kWarning, "TED-INTERFACE", "interfaces: " + found.error());
  const Outside before = std::exchange(outside_, *std::move(found));
  guard_.set_carriers(outside_.ports.carriers);
  if (outside_.addresses != before.addresses) handle(engine::MachineAddresses{outside_.addresses});
  for (const Told& told : news(before, outside_)) {
    publish(told.is_trouble ? Level::kWarning : Level::kNotice,
            {.id = "TED-INTERFACE", .time = wall_clock(Loop::now()), .text = told.text, .fields = {}});
  }
}

void Gateway::follow_outside() {
  const auto before = guard_.carriers();
  look_outside();
  if (guard_.carriers() == before) return;
  if (const auto done = observes() || guard_.released() ? Outcome() : guard_.install(*policy_); !done) {
    log_limited(Level::kError, "TED-GUARD", done.error());
    guard_.set_carriers(before);
    follower_.retry(Loop::now());
    return;
  }
  if (guard_.intercepts()) on_ike_ready(true);
}

void Gateway::refuse_networks(const std::string& reason) {
  log_limited(Level::kError, "TED-NETWORKS-REFUSED", reason + "; the policy that was in force stays");
}

}  // namespace tedd
