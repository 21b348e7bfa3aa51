#include "daemon/shield_keeper.hpp"

#include "daemon/log.hpp"

namespace tedd {
namespace {

xdp::Wish wish_of(config::Shield shield) {
  switch (shield) {
    case config::Shield::kNative: return xdp::Wish::kNative;
    case config::Shield::kGeneric: return xdp::Wish::kGeneric;
    case config::Shield::kOff:
    case config::Shield::kAuto: break;
  }
  return xdp::Wish::kAuto;
}

}  // namespace

ShieldKeeper::ShieldKeeper(const config::Gateway& gateway) : wish_(gateway.shield), interfaces_(gateway.interfaces) {}

void ShieldKeeper::keep() {
  if (wish_ == config::Shield::kOff) return;
  if (!shield_) {
    auto loaded = xdp::Shield::load();
    if (!loaded) {
      for (const std::string& interface : interfaces_) note(interface, xdp::text(loaded.error()), false);
      return;
    }
    shield_.emplace(*std::move(loaded));
  }
  for (const std::string& interface : interfaces_) {
    const auto mode = shield_->attach(interface, wish_of(wish_));
    if (mode) {
      note(interface, std::string(xdp::text(*mode)), true);
    } else {
      note(interface, xdp::text(mode.error()), false);
    }
  }
}

// Told once: each change of any route asks again.
void ShieldKeeper::note(const std::string& interface, const std::string& how, bool stands) {
  std::string& place = places_[interface];
  if (auto now = stands ? how : "none: " + how; now != place) {
    place = std::move(now);
    log(stands ? Level::kNotice : Level::kWarning, "TED-SHIELD",
        stands ? "the shield stands at " + interface + ", " + how : "no shield at " + interface + ": " + how);
  }
}

std::optional<control::NamedValues<std::string>> ShieldKeeper::places() const {
  if (wish_ == config::Shield::kOff) return std::nullopt;
  return control::NamedValues<std::string>(places_.begin(), places_.end());
}

void ShieldKeeper::add_counters(control::Counters& counters) const {
  if (wish_ == config::Shield::kOff) return;
  const xdp::Counts counts = shield_ ? shield_->counts() : xdp::Counts{};
  counters.values.emplace_back("shield_seen", counts.seen);
  counters.values.emplace_back("shield_dropped_source", counts.over_source);
  counters.values.emplace_back("shield_dropped_newcomers", counts.over_newcomers);
  counters.values.emplace_back("shield_dropped_all", counts.over_all);
}

}  // namespace tedd
