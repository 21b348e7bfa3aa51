// Three gateways in the simulator, and a story that the bytes tell: hosts send, time passes, datagrams are lost,
// damaged and made up, strongSwan fails, tunnels come, change and go, routes and policies change. Whatever it is,
// nothing that a policy protects passes in the clear, machines make legal moves, tables keep their bounds, and timers
// come to rest; and where discovery proves itself, in two of four stories, nobody is answered, believed or asked for a
// tunnel who does not hold the same key.
#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/limits.hpp"
#include "engine/probe.hpp"
#include "fuzz/fuzz.hpp"
#include "fuzz/source.hpp"
#include "policy/sound.hpp"
#include "sim/authenticator.hpp"
#include "sim/world.hpp"
#include "wire/codec.hpp"
#include "wire/constants.hpp"
#include "wire/packet.hpp"

namespace {

using fuzz::Source;
using namespace std::chrono_literals;

constexpr std::array<const char*, 3> kNames = {"A", "B", "C"};
constexpr std::uint32_t kHosts = 0x0a000000;     // 10.N.0.0/16 in gap N
constexpr std::uint32_t kGateways = 0xc0000201;  // 192.0.2.1 and those behind it
/// A story is this long at most: more of it shows nothing that less does not.
constexpr std::size_t kSteps = 200;

base::Address gateway(unsigned nth) {
  return base::Address::v4(kGateways + nth);
}

base::MaskedAddress hosts(Source& source) {
  static constexpr std::array kLengths = {8U, 14U, 16U, 24U, 31U, 32U};
  const std::uint32_t address = kHosts | source.below(4) << 16 | source.below(3);
  const unsigned length = kLengths[source.below(kLengths.size())];
  return {base::Address::v4(address), base::prefix_mask(base::Family::kV4, length)};
}

std::vector<policy::Rule> rules(Source& source, bool authenticated) {
  std::vector<policy::Rule> list;
  for (unsigned left = 1 + source.below(3); left > 0; --left) {
    policy::Rule rule;
    rule.name = "rule-" + std::to_string(list.size());
    rule.action = source.below(4) < 3 ? policy::Action::kProtect : static_cast<policy::Action>(source.below(3));
    rule.local = {hosts(source)};
    rule.remote = {hosts(source)};
    if (source.below(3) == 0) rule.protocol = base::Protocol::kTcp;
    if (source.below(6) == 0) rule.on_failure = policy::OnFailure::kBypass;
    rule.discover = source.below(8) != 0;
    rule.respond = source.below(8) != 0;
    rule.draft = source.below(3) == 0;
    rule.authenticated = authenticated;
    list.push_back(std::move(rule));
  }
  return list;
}

base::Flow flow(Source& source) {
  const auto host = [&source] { return base::Address::v4(kHosts | source.below(4) << 16 | source.below(3)); };
  base::Flow one{.source = host(), .destination = host(), .protocol = base::Protocol::kTcp};
  if (source.below(3) == 0) one.protocol = base::Protocol::kUdp;
  one.source_port = static_cast<std::uint16_t>(1000 + source.below(2));
  one.destination_port = static_cast<std::uint16_t>(80 + source.below(2));
  return one;
}

class Story {
 public:
  explicit Story(Source source, sim::Proofs proofs) : source_(source), proofs_(proofs) {
    for (unsigned i = 0; i < kNames.size(); ++i) {
      if (is_proving()) {
        authenticators_[i].emplace(sim::keys_of(proofs, key_of(gateway(i))),
                                   [this] { return sim::time_of_day(world_.now()); });
      }
      world_.add_gateway(
          {kNames[i], gateway(i), rules(source_, is_proving()), authenticators_[i] ? &*authenticators_[i] : nullptr});
    }
    for (std::uint32_t gap = 0; gap <= kNames.size(); ++gap) {
      world_.place({base::Address::v4(kHosts | gap << 16), 16}, gap);
    }
    world_.on_link([this](const std::string&, base::Bytes& packet) { return fate_of(packet); });
    world_.on_ike(50ms, [this](const engine::BringUp& wanted) {
      require(!is_proving() || key_of(wanted.peer) == key_of(wanted.gateway));
      return source_.below(4) == 0 ? std::optional<std::string>("refused") : std::nullopt;
    });
  }

  void run() {
    for (std::size_t step = 0; step < kSteps && !source_.empty(); ++step) {
      tell_one();
      check();
    }
    // Left alone, what was begun ends: no discovery is for ever.
    world_.run_for(10min);
    check();
    for (const char* name : kNames) require(world_.engine(name).discoveries().size() == 0);
  }

 private:
  [[nodiscard]] bool is_proving() const { return proofs_ != sim::Proofs::kNone; }
  /// The first two gateways hold one key, the third another; nobody else holds any.
  static std::uint64_t key_of(const base::Address& who) {
    if (who == gateway(0) || who == gateway(1)) return 1;
    return who == gateway(2) ? 2 : 3;
  }

  sim::Fate fate_of(base::Bytes& packet) {
    switch (source_.below(8)) {
      case 0: return sim::Fate::kLost;
      case 1:
        packet[source_.below(static_cast<unsigned>(packet.size()))] ^= static_cast<std::uint8_t>(source_.below(256));
        return sim::Fate::kArrives;
      default: return sim::Fate::kArrives;
    }
  }

  void tell_one() {
    static constexpr std::array kSpans = {base::Duration(1ms), base::Duration(15ms), base::Duration(100ms),
                                          base::Duration(1s),  base::Duration(5s),   base::Duration(30s)};
    const char* who = kNames[source_.below(kNames.size())];
    switch (source_.below(14)) {
      case 0:
      case 1:
      case 2: world_.send(flow(source_)); return;
      case 3:
      case 4:
      case 5: world_.run_for(kSpans[source_.below(kSpans.size())]); return;
      case 6: world_.jump(std::chrono::seconds(source_.below(200))); return;
      case 7: world_.tell(who, tunnel()); return;
      case 8: world_.tell(who, engine::TunnelDown{known(who)}); return;
      case 9: world_.tell(who, engine::TunnelRekeyed{known(who), tunnel()}); return;
      case 10: world_.tell(who, engine::DatagramCaught{made_up()}); return;
      case 11: world_.lead_around(who, source_.below(2) == 0); return;
      case 12: return tell_of_world(who);
      default: world_.tell(who, engine::FlowCaught{flow(source_)}); return;
    }
  }

  void tell_of_world(const char* who) {
    switch (source_.below(7)) {
      case 0: return world_.tell(who, engine::RoutesChanged{});
      case 5: return world_.tell(who, engine::MachineAddresses{{gateway(source_.below(kNames.size()))}});
      case 1: return world_.tell(who, engine::PeerForgotten{gateway(source_.below(kNames.size()))});
      case 2: has_traced_ = true; return world_.tell(who, engine::TraceRequested{engine::TraceId{1}, flow(source_)});
      case 3: return world_.tell(who, engine::DataPlaneFound{static_cast<policy::DataPlane>(source_.below(3))});
      case 4: return world_.tell(who, engine::BringUpFailed{cookie(who), "made up"});
      default:
        return world_.tell(
            who, engine::PolicyReplaced{std::make_shared<const policy::Snapshot>(rules(source_, is_proving()))});
    }
  }

  engine::TunnelUp tunnel() {
    engine::TunnelUp up{engine::TunnelId{1'000'000U + source_.below(8)},
                        gateway(source_.below(4)),
                        gateway(source_.below(kNames.size())),
                        {},
                        {}};
    for (unsigned left = 1 + source_.below(3); left > 0; --left) {
      base::Selector one{{}, hosts(source_), hosts(source_), {}, {}};
      if (source_.below(3) == 0) one.protocol = base::Protocol::kTcp;
      up.selectors.push_back(one);
    }
    if (source_.below(3) == 0) up.cookie = cookie(kNames[source_.below(kNames.size())]);
    return up;
  }

  /// A tunnel that there is, most of the time.
  engine::TunnelId known(const char* who) {
    const auto& all = world_.engine(who).tunnels().all();
    const unsigned nth = source_.below(4);
    if (nth >= all.size()) return engine::TunnelId{1'000'000U + nth};
    return std::next(all.begin(), static_cast<std::ptrdiff_t>(nth))->first;
  }
  /// Of a discovery that there is, if there is one.
  wire::Cookie cookie(const char* who) {
    const auto& all = world_.engine(who).discoveries().all();
    return all.empty() || source_.below(4) == 0 ? wire::Cookie{9} : all.begin()->second.cookie;
  }

  /// A probe or a response of somebody's, with a cookie that may be right.
  base::Bytes made_up() {
    const base::Address liar = gateway(source_.below(5));
    const std::uint32_t flags = source_.below(256);
    const unsigned kind = source_.below(4);
    if (kind == 0) return made_up_draft(liar);
    if (kind == 1) {
      const base::Flow one = flow(source_);
      return wire::udp_packet(one.source, one.destination, one.source_port, wire::kUdpPort,
                              wire::encode_for_list({.initiator_cookie = {5},
                                                     .gateway = liar,
                                                     .half_proxy = {},
                                                     .capabilities = wire::Capabilities{flags},
                                                     .summary = one}));
    }
    const unsigned asked = source_.below(kNames.size());
    wire::Response response{.initiator_cookie = cookie(kNames[asked]),
                            .responder_cookie = {1},
                            .gateway = liar,
                            .half_proxy = {},
                            .capabilities = wire::Capabilities{flags},
                            .proxy = base::Selector{{}, hosts(source_), hosts(source_), {}, {}}};
    if (kind == 2) {
      response.half_proxy = response.proxy->local;
      response.proxy.reset();
    }
    return wire::udp_packet(liar, gateway(asked), wire::kUdpPort, wire::kUdpPort, wire::encode(response));
  }

  base::Bytes made_up_draft(const base::Address& liar) {
    const base::Flow one = flow(source_);
    wire::Probe probe{.initiator_cookie = {5}, .gateway = liar, .half_proxy = {}, .capabilities = {}, .summary = {}};
    if (source_.below(4) != 0) probe.half_proxy = hosts(source_);
    return wire::udp_packet(one.source, one.destination, one.source_port, wire::kUdpPort, wire::encode(probe));
  }

  void check() {
    require(world_.leaks() == 0 || opens());
    for (const char* name : kNames) {
      const engine::Engine& engine = world_.engine(name);
      require(engine.counters().value(engine::Counter::kIllegalMoves) == 0);
      require(engine.discoveries().size() <= engine::kMaxDiscoveries);
      if (is_proving()) check_proofs(engine.counters());
      for (const auto& [id, tunnel] : engine.tunnels().all()) check(engine, tunnel);
    }
  }
  /// A trace asks who is there, whatever it proves.
  void check_proofs(const engine::Counters& counters) const {
    using enum engine::Counter;
    require(counters.value(kProbesAnswered) == counters.value(kProbesProven));
    require(has_traced_ || counters.value(kResponsesAccepted) == counters.value(kResponsesProven));
  }
  static void check(const engine::Engine& engine, const engine::Tunnel& tunnel) {
    require(engine.tunnels().find(tunnel.facts.id) == &tunnel);
    require(engine.tunnels().cover(tunnel.flow));
    for (const base::Selector& selector : tunnel.facts.selectors) {
      require(policy::sound(engine.policy(), selector) == tunnel.rule);
    }
    const auto own = engine.tunnels().own_flow(tunnel);
    require(!own || engine.tunnels().with(tunnel.facts.peer, *own) != nullptr);
  }
  /// Some rule lets flows pass in the clear while nobody answers: such are counted as leaks by the world.
  bool opens() {
    was_open_ = was_open_ || std::ranges::any_of(kNames, [this](const char* name) {
                  return std::ranges::any_of(world_.engine(name).policy().rules(), [](const policy::Rule& rule) {
                    return rule.on_failure == policy::OnFailure::kBypass;
                  });
                });
    return was_open_;
  }

  Source source_;
  sim::Proofs proofs_;
  std::array<std::optional<sim::SeededAuthenticator>, kNames.size()> authenticators_;
  sim::World world_{1};
  bool was_open_ = false;
  bool has_traced_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Told by the last byte, which the story ends before, or with: so a story is the same with and without.
  static constexpr std::array kProofs = {sim::Proofs::kNone, sim::Proofs::kNone, sim::Proofs::kKey,
                                         sim::Proofs::kSignature};
  Story(Source({data, size}), size == 0 ? sim::Proofs::kNone : kProofs[data[size - 1] % kProofs.size()]).run();
  return 0;
}
