#include "daemon/guard_keeper.hpp"

#include <utility>

#include "platform/nft/dynamic.hpp"
#include "platform/nft/guard.hpp"
#include "platform/nft/interception.hpp"

namespace tedd {

namespace {

/// The engine confirms an opening at every failed discovery, at most half a minute apart; a tedd that died confirms
/// nothing.
constexpr std::chrono::seconds kOpeningLifetime{60};

/// The device of strongSwan's kernel-libipsec. Where the kernel does ESP there is none, and the line matches nothing.
constexpr const char* kTunnelInterface = "ipsec0";

std::unexpected<std::string> failure(const char* what, const nft::Error& error) {
  return std::unexpected(std::string(what) + ": nftables says: " + error.message);
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
  nft::GuardOptions options{.catch_group = kCatchGroup,
                            .gateway_addresses = gateway_.addresses,
                            .tunnel_interface = kTunnelInterface,
                            .interfaces = gateway_.interfaces};
  auto done = nftables->run(nft::guard_ruleset(policy, options) + dynamic_text(policy));
  if (!done) {
    options.reassemble = false;  // a kernel without tproxy
    done = nftables->run(nft::guard_ruleset(policy, options) + dynamic_text(policy));
  }
  if (!done) return failure("the guard cannot be put in place", done.error());
  in_force_ = true;
  changed_ = false;
  return {};
}

std::string GuardKeeper::dynamic_text(const policy::Snapshot& policy) const {
  std::vector<nft::Opening> openings;
  openings.reserve(openings_.size());
  for (const engine::Opening& opening : openings_) {
    openings.push_back({opening.rule, opening.destination, kOpeningLifetime});
  }
  return nft::tunnels_ruleset(tunnels_) + nft::openings_ruleset(policy, openings);
}

void GuardKeeper::set_tunnels(std::vector<base::Selector> selectors) {
  tunnels_ = std::move(selectors);
  changed_ = true;
}

void GuardKeeper::set_openings(std::vector<engine::Opening> openings) {
  openings_ = std::move(openings);
  changed_ = true;
}

GuardKeeper::Outcome GuardKeeper::apply(const policy::Snapshot& policy) {
  if (!changed_ || !in_force_) return {};
  TED_TRY(nft::Client * nftables, client());
  changed_ = false;
  if (nftables->run(dynamic_text(policy))) return {};
  // Somebody removed the table, or a part of it: the whole guard again.
  auto done = install(policy);
  in_force_ = done.has_value();
  return done;
}

GuardKeeper::Outcome GuardKeeper::release() {
  TED_TRY(nft::Client * nftables, client());
  if (const auto done = nftables->delete_guard(); !done) {
    return failure("the guard cannot be taken down", done.error());
  }
  in_force_ = false;
  return {};
}

GuardKeeper::Outcome GuardKeeper::intercept(const policy::Snapshot& policy) {
  if (!interception_) {
    auto opened = nft::Client::open();
    if (!opened) return failure("the interception", opened.error());
    interception_ = std::move(*opened);
  }
  const nft::InterceptOptions options{.probe_group = kProbeGroup,
                                      .response_group = kResponseGroup,
                                      .interfaces = gateway_.interfaces,
                                      .gateway_addresses = gateway_.addresses};
  if (const auto done = interception_->run(nft::interception_ruleset(policy, options)); !done) {
    interception_.reset();
    return failure("probes cannot be taken off the wire", done.error());
  }
  return {};
}

}  // namespace tedd
