#include "daemon/gateway.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>
#include <vector>

#include "daemon/answers.hpp"
#include "policy/sound.hpp"
#include "wire/partial_checksum.hpp"

namespace tedd {

Gateway::Gateway(Start with)
    : file_(std::move(with.file)),
      text_(std::move(with.text)),
      last_good_(std::move(with.last_good)),
      peers_met_(std::move(with.peers_met)),
      config_(std::move(with.config)),
      examiner_(loop_, [this](const std::string& why) { log_limited(Level::kWarning, "TED-EXAMINER", why); }),
      authenticator_(by(examiner_, std::move(with.discovery))),
      policy_(first_policy()),
      engine_(engine::Settings{.gateways = config_.gateway.addresses, .observes = observes()}, policy_,
              engine::Ports{random_, hash_, this, &authenticator_}),
      guard_(config_.gateway),
      shield_(config_.gateway),
      ike_(config_, std::move(with.credentials),
           {.event = [this](engine::Event event) { handle(std::move(event)); },
            .ready = [this](bool ready) { on_ike_ready(ready); },
            .fresh = [this] { clear_kernel(); }},
           &examiner_),
      control_(
          loop_, [this](ClientId client, std::string_view line) { on_line(client, line); },
          [this](ClientId client) {
            watchers_.erase(client);
            std::erase_if(traces_, [&](const auto& trace) { return trace.second.client == client; });
          },
          [this](std::string what) { log_limited(Level::kWarning, "TED-CONTROL", std::move(what)); }) {}

bool Gateway::run() {
  return loop_.run() && !failed_;
}

// Actions are fetched at once: nothing that an event caused waits for the next one.
void Gateway::handle(engine::Event event) {
  const base::Instant now = now_ = Loop::now();
  const auto up = note(event);
  if (const auto* tunnel = std::get_if<engine::TunnelUp>(&event)) remember(*tunnel);
  engine_.handle(std::move(event), now);
  note_tunnel(up, now);
  carry_out_all();
}

void Gateway::hear(base::ByteView packet) {
  engine_.hear(packet, now_);
  carry_out_all();
}

// Packets are by far the most, and all that a flood causes; the rest may have the engine told something in turn, so it
// is moved out of it first.
void Gateway::carry_out_all() {
  while (engine::Action* const action = engine_.next_action_in_place()) {
    if (auto* packet = std::get_if<engine::Transmit>(action)) {
      gather(*packet);
    } else {
      carry_out(engine::Action(std::move(*action)));
    }
  }
}

void Gateway::on_ike_ready(bool ready) {
  if (ready && (observes() || ike_.data_plane() == vici::DataPlane::kKernel)) leave_beside();
  if (!ready || stopping_) {
    guard_.stop_intercepting();
  } else if (const auto done = guard_.intercept(*policy_, Loop::now()); !done) {
    log(Level::kError, "TED-INTERCEPTION", done.error());
  }
  announce();
}

void Gateway::remember(const engine::TunnelUp& tunnel) {
  if (ike_.data_plane() != vici::DataPlane::kKernel) return;
  if (const auto done = peers_met_.add(tunnel.gateway, tunnel.peer); !done)
    log_limited(Level::kWarning, "TED-STALE", done.error());
}

void Gateway::forget_peers() {
  if (const auto done = peers_met_.clear(); !done) log_limited(Level::kWarning, "TED-STALE", done.error());
}

// What charon put into the kernel stays there when it is killed, and a successor does not know of it: protected flows
// would go on being encrypted for nobody, and never be caught.
void Gateway::clear_kernel() {
  const auto removed = xfrm::remove_policies([this](const xfrm::TunnelPolicy& policy) { return is_stale(policy); });
  if (!removed) return log(Level::kError, "TED-STALE", removed.error());
  forget_peers();
  if (*removed == 0) return;
  log(Level::kNotice, "TED-STALE", "removed " + std::to_string(*removed) + " IPsec policies of a charon that is gone");
}

// Others than charon, and connections that are not ours, have policies as well. So it is what a tunnel had that we knew
// of, or, when we were killed as well, what lies between us and a gateway that we had tunnels with, and is ours to
// protect.
bool Gateway::is_stale(const xfrm::TunnelPolicy& policy) const {
  if (peers_met_.has(policy.local, policy.peer) && policy::sound(*policy_, policy.selector)) return true;
  return std::ranges::any_of(engine_.tunnels().all(), [&policy](const auto& one) {
    const engine::TunnelUp& tunnel = one.second.facts;
    return tunnel.peer == policy.peer && tunnel.gateway == policy.local &&
           std::ranges::any_of(tunnel.selectors,
                               [&policy](const base::Selector& selector) { return selector.covers(policy.selector); });
  });
}

void Gateway::act() {
  carry_out_all();
  gathers_ = false;
  transmit();
  if (const auto done = guard_.apply(*policy_, Loop::now()); !done)
    log_limited(Level::kError, "TED-GUARD", done.error());
}

// Whoever hears that a tunnel stands, or is gone, finds the guard so; and no packet waits while a line is written.
void Gateway::turn() {
  act();
  if (!released_.empty()) {
    // What was caught before the guard changed is older than what passes by now.
    read(*readings_.front());
    act();
    send_released();
  }
  if (const auto left = guard_.take_left()) log_limited(Level::kWarning, "TED-GUARD-LEFT", *left);
  for (const engine::Report& report : std::exchange(reports_, {})) publish(report);
  auto next = engine_.next_deadline();
  const auto charon = observes() ? std::nullopt : ike_.charon().next_deadline();
  const auto judging = ike_.next_deadline(Loop::now());
  for (const auto& other :
       {charon, guard_.retry_deadline(), routing_.retry_deadline(), follower_.next_deadline(), judging}) {
    if (other && (!next || *other < *next)) next = other;
  }
  timer_.arm(next);
}

// What somebody else did to our tables is undone at once, and told.
void Gateway::mend() {
  const auto repairs = guard_.repair(*policy_, Loop::now());
  for (const std::string& text : repairs.done) {
    publish(Level::kWarning, {.id = "TED-GUARD-RESTORED", .time = wall_clock(Loop::now()), .text = text, .fields = {}});
  }
  if (repairs.guard) log_limited(Level::kError, "TED-GUARD", *repairs.guard);
  if (repairs.interception) log_limited(Level::kError, "TED-INTERCEPTION", *repairs.interception);
  if (!observes()) tell_flowtables();
}

void Gateway::mend_routing() {
  const auto repairs = routing_.repair(Loop::now());
  for (const std::string& text : repairs.done) {
    publish(Level::kWarning,
            {.id = "TED-ROUTING-RESTORED", .time = wall_clock(Loop::now()), .text = text, .fields = {}});
  }
  if (repairs.failed) log_limited(Level::kError, "TED-ROUTING", *repairs.failed);
}

// Rules that a killed tedd left for userspace ESP would go on diverting what has the guard's mark from elsewhere.
void Gateway::leave_beside() {
  if (const auto done = routing_.leave_beside(); !done) log_limited(Level::kError, "TED-ROUTING", done.error());
}

// A flow in one of them passes neither the guard nor the kernel's IPsec policies again: keeping protected flows out of
// it is the operator's to do.
void Gateway::tell_flowtables() {
  const std::vector<nft::Flowtable> before = guard_.flowtables();
  const auto changed = guard_.look_for_flowtables();
  if (!changed) log_limited(Level::kWarning, "TED-FLOWTABLE", changed.error());
  if (!changed.value_or(false)) return;
  const auto say = [this](Level level, std::string text) {
    publish(level, {.id = "TED-FLOWTABLE", .time = wall_clock(Loop::now()), .text = std::move(text), .fields = {}});
  };
  const auto is_in = [](const nft::Flowtable& one, const std::vector<nft::Flowtable>& list) {
    return std::ranges::find(list, one) != list.end();
  };
  for (const nft::Flowtable& one : before) {
    if (!is_in(one, guard_.flowtables())) say(Level::kNotice, "flowtable " + nft::text(one) + " is gone, or changed");
  }
  for (const nft::Flowtable& one : guard_.flowtables()) {
    if (is_in(one, before)) continue;
    say(Level::kWarning, "flowtable " + nft::text(one) +
                             ": flows in it pass neither the guard nor IPsec policies, and may cross in the clear when "
                             "their tunnel ends; keep protected networks out of it (docs/firewall.md, Flowtables)");
  }
}

// The kernel's own ESP says itself what leaves through a tunnel. Userspace ESP draws in what is for the networks behind
// one as well, and the guard keeps out what is not for the tunnel.
void Gateway::cover() {
  auto covered =
      ike_.data_plane() == vici::DataPlane::kKernel ? std::vector<base::Selector>() : covered_by(engine_.tunnels());
  if (!covered.empty()) {
    if (const auto kept = routing_.keep_beside(Loop::now()); !kept)
      log_limited(Level::kError, "TED-ROUTING", kept.error());
  }
  guard_.set_tunnels(std::move(covered));
}

void Gateway::transmit() {
  if (gathered_ == 0) return;
  const std::span<const engine::Transmit> outgoing = std::span(outgoing_).first(std::exchange(gathered_, 0));
  std::array<base::ByteView, kGathered> packets;
  std::ranges::transform(outgoing, packets.begin(), &engine::Transmit::packet);
  sender_->send(std::span(packets).first(outgoing.size()),
                [this, outgoing](std::size_t which, const inject::Error& error) {
                  engine_.note_unsent(outgoing[which]);
                  note_unsent(outgoing[which].packet, error);
                });
}

// By one system call, because others of the same flow pass these by from the change of the guard on.
void Gateway::send_released() {
  for (base::Bytes& packet : released_) wire::complete_checksum(packet);
  const std::vector<base::ByteView> packets(released_.begin(), released_.end());
  releaser_->send(packets,
                  [this](std::size_t which, const inject::Error& error) { note_unsent(released_[which], error); });
  released_.clear();
}

// What was sent from its place before goes back to the allocator in its turn, which keeps few of a size at hand.
void Gateway::gather(engine::Transmit& packet) {
  std::swap(outgoing_[gathered_++], packet);
  if (!gathers_ || gathered_ == kGathered) transmit();
}

void Gateway::carry_out(engine::Action&& action) {
  if (auto* wanted = std::get_if<engine::BringUp>(&action)) {
    if (metrics_) times_.asked(wanted->cookie, Loop::now());
    ike_.bring_up(*wanted);
  } else if (auto* unwanted = std::get_if<engine::TakeDown>(&action)) {
    ike_.take_down(*unwanted);
  } else if (std::holds_alternative<engine::CoverChanged>(action)) {
    cover();
  } else if (auto* release = std::get_if<engine::Release>(&action)) {
    std::ranges::move(release->packets, std::back_inserter(released_));
  } else if (auto* openings = std::get_if<engine::SetOpenings>(&action)) {
    guard_.set_openings(std::move(openings->openings));
  } else if (auto* done = std::get_if<engine::TraceDone>(&action)) {
    carry_out(std::move(*done));
  } else if (auto* report = std::get_if<engine::Report>(&action)) {
    if (metrics_) times_.note(*report, engine_.peers(), Loop::now());
    reports_.push_back(std::move(*report));
  }
}

}  // namespace tedd
