#include <malloc.h>
#include <memory>
#include <string>
#include <utility>

#include "cases.hpp"
#include "engine/engine.hpp"
#include "platform/crypto/chance.hpp"
#include "wire/codec.hpp"
#include "wire/constants.hpp"
#include "wire/packet.hpp"

namespace bench {

namespace {

constexpr std::size_t kBatch = 1024;
constexpr double kEventGoal = 1000;
const base::Address kHere = base::Address::v4(0xc0000201);   // 192.0.2.1
const base::Address kThere = base::Address::v4(0xc0000202);  // 192.0.2.2
const char* const kFloor = "floor: new and delete of 200 B";

base::MaskedAddress network(std::uint32_t address, unsigned length) {
  return base::Prefix(base::Address::v4(address), length);
}

policy::Rule protect(std::string name, std::uint32_t remote, unsigned length) {
  policy::Rule rule;
  rule.name = std::move(name);
  rule.local = {network(0x0a010000, 16)};
  rule.remote = {network(remote, length)};
  return rule;
}

/// `count` protect rules of which the last one is the first match of what the cases ask for.
std::vector<policy::Rule> rules(std::size_t count) {
  std::vector<policy::Rule> list;
  for (std::uint32_t i = 0; i + 1 < count; ++i) {
    list.push_back(protect("other-" + std::to_string(i), 0xac000000 + (i << 8), 24));
  }
  list.push_back(protect("asked", 0x0a020000, 16));
  return list;
}

/// Flow number `i`: each to a destination of its own, so each is a discovery of its own, and of so many hosts that none
/// of them is paced.
base::Flow flow_to(std::size_t i) {
  return {base::Address::v4(0x0a01000a + static_cast<std::uint32_t>(i % 100)),
          base::Address::v4(0x0a020000 + static_cast<std::uint32_t>(i)), base::Protocol::kTcp, 40000, 443};
}

/// An engine that is made anew for each batch, the events of the batch, and a clock that is told, not read.
class Stage {
 public:
  explicit Stage(std::size_t rule_count) : policy_(std::make_shared<const policy::Snapshot>(rules(rule_count))) {}

  void reset() {
    engine_ =
        std::make_unique<engine::Engine>(engine::Settings{.gateways = {kHere}}, policy_, engine::Ports{random_, hash_});
    events_.clear();
  }
  template <class Event>
  void add(Event event) {
    events_.emplace_back(std::in_place_type<Event>, std::move(event));
  }
  /// Each event ten milliseconds after the one before: no limit on answers a second is met.
  void run() {
    for (engine::Event& event : events_) {
      now_ += std::chrono::milliseconds(10);
      engine_->handle(std::move(event), now_);
      drain([](engine::Action& action) { keep(action); });
    }
  }
  /// Runs the timers of a minute: all of some thousand tunnels are checked.
  void pass() {
    for (const base::Instant end = now_ + std::chrono::seconds(60); now_ < end; now_ += std::chrono::milliseconds(10)) {
      engine_->on_deadline(now_);
      drain([](engine::Action& action) { keep(action); });
    }
  }
  void forget_events() { events_ = {}; }
  /// Tells what the events so far caused and forgets the events.
  template <class Visit>
  void run_aside(Visit visit) {
    for (engine::Event& event : events_) {
      engine_->handle(std::move(event), now_);
      drain(visit);
    }
    events_.clear();
  }

 private:
  template <class Visit>
  void drain(Visit visit) {
    while (auto action = engine_->next_action()) visit(*action);
  }

  crypto::SystemRandom random_;
  crypto::ProcessKeyedHash hash_;
  std::shared_ptr<const policy::Snapshot> policy_;
  std::unique_ptr<engine::Engine> engine_;
  std::vector<engine::Event> events_;
  base::Instant now_{std::chrono::hours(1)};
};

/// What B hears: a probe for a flow that B protects the destination of, from gateway number `from`.
base::Bytes probe_packet(std::size_t i, std::size_t from = 0) {
  const base::Flow flow = flow_to(i).mirrored();
  const wire::Probe probe{
      .initiator_cookie = {1, 2, 3, 4, 5, 6, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)},
      .gateway = base::Address::v4(0xc0000202 + static_cast<std::uint32_t>(from)),  // 192.0.2.2 and those behind it
      .half_proxy = network(0x0a020000, 16),
      .capabilities = wire::Capabilities{},
      .summary = flow};
  return wire::udp_packet(flow.source, flow.destination, 40000, wire::kUdpPort, wire::encode(probe));
}

/// What A hears back: the answer to the probe that it has just sent.
base::Bytes response_packet(base::ByteView probe) {
  const auto asked = std::get<wire::Probe>(wire::decode(wire::udp_of(probe)->payload).value());
  const base::Selector proxy{{}, network(0x0a020000, 24), network(0x0a010000, 16), {}, {}};
  const wire::Response response{.initiator_cookie = asked.initiator_cookie,
                                .responder_cookie = {1},
                                .gateway = kThere,
                                .half_proxy = proxy.local,
                                .capabilities = wire::Capabilities{},
                                .proxy = proxy};
  return wire::udp_packet(kThere, kHere, wire::kUdpPort, wire::kUdpPort, wire::encode(response));
}

/// charon's word that gateway number `i` made a tunnel with us, for hosts of its own.
engine::TunnelUp tunnel_of(std::size_t i) {
  const auto number = static_cast<std::uint32_t>(i);
  return {.id = engine::TunnelId{i + 1},
          .peer = base::Address::v4(0xc0000202 + number),
          .gateway = kHere,
          .selectors = {{{}, network(0x0a010000, 16), network(0x0a020000 + (number << 2), 30), {}, {}}},
          .cookie = {}};
}

void add_cases(std::vector<Case>& cases, std::size_t rule_count) {
  const auto stage = std::make_shared<Stage>(rule_count);
  const std::string behind = ", " + std::to_string(rule_count) + (rule_count == 1 ? " rule" : " rules");
  const auto run = [stage] { stage->run(); };
  const auto probes = [stage] {
    stage->reset();
    for (std::size_t i = 0; i < kBatch; ++i) stage->add(engine::DatagramCaught{probe_packet(i)});
  };
  const auto flows = [stage] {
    stage->reset();
    for (std::size_t i = 0; i < kBatch; ++i) stage->add(engine::FlowCaught{flow_to(i)});
  };
  const auto responses = [stage, flows] {
    flows();
    std::vector<base::Bytes> packets;
    stage->run_aside([&](const engine::Action& action) {
      if (const auto* sent = std::get_if<engine::Transmit>(&action)) packets.push_back(response_packet(sent->packet));
    });
    for (base::Bytes& packet : packets) stage->add(engine::DatagramCaught{std::move(packet)});
  };
  cases.push_back({"event: probe to response" + behind, kFloor, kEventGoal, kBatch, probes, run});
  cases.push_back({"event: caught flow to probe" + behind, kFloor, kEventGoal, kBatch, flows, run});
  cases.push_back({"event: response to bring-up" + behind, kFloor, kEventGoal, kBatch, responses, run});
}

}  // namespace

void add_engine_cases(std::vector<Case>& cases) {
  for (const std::size_t count : {std::size_t{1}, std::size_t{10}, std::size_t{1000}}) add_cases(cases, count);
}

void add_engine_facts(std::vector<std::string>& facts) {
  constexpr std::size_t kCount = 4096;
  Stage stage(1);
  stage.reset();
  const auto bytes_for_each = [&stage](auto event_of, bool aged = false) {
    const std::size_t before = ::mallinfo2().uordblks;
    for (std::size_t i = 0; i < kCount; ++i) stage.add(event_of(i));
    stage.run();
    stage.forget_events();
    if (aged) stage.pass();
    return std::to_string((::mallinfo2().uordblks - before) / kCount);
  };
  facts.push_back("state: a pending discovery " +
                  bytes_for_each([](std::size_t i) { return engine::FlowCaught{flow_to(i)}; }) +
                  " bytes; goal at most 512");
  stage.reset();
  facts.push_back("state: a peer that asked once " +
                  bytes_for_each([](std::size_t i) { return engine::DatagramCaught{probe_packet(i, i)}; }) +
                  " bytes; goal at most 1024");
  stage.reset();
  facts.push_back("state: a peer with a tunnel and its path checks " +
                  bytes_for_each([](std::size_t i) { return tunnel_of(i); }, true) + " bytes; goal at most 1024");
}

}  // namespace bench
