// No answer is longer than the probe that caused it, whatever probe and policy: a probe names whom to answer, and a
// gateway must be of no use to who wants others flooded (docs/protocol.md section 9).
#include <algorithm>
#include <cstdlib>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/cookie.hpp"
#include "engine/engine.hpp"
#include "engine/probe.hpp"
#include "sim/authenticator.hpp"
#include "sim/random.hpp"
#include "wire/codec.hpp"
#include "wire/constants.hpp"
#include "wire/packet.hpp"

namespace engine {
namespace {

using namespace std::chrono_literals;

/// A million by `./check --long`.
int probes() {
#ifdef OPENTED_SANITIZED
  return 20'000;  // each costs twenty times as much
#else
  return std::getenv("OPENTED_LONG") != nullptr ? 1'000'000 : 200'000;
#endif
}

base::MaskedAddress network(const std::string& text) {
  return *base::MaskedAddress::parse(text);
}

/// Policies that have little to tell, and policies that have more than any datagram holds; probes of every form, length
/// and family, and of gateways of the other family.
class Crowd {
 public:
  explicit Crowd(std::uint64_t seed) : random_(seed) {}

  std::shared_ptr<const policy::Snapshot> policy() {
    std::vector<policy::Rule> rules;
    for (std::uint64_t left = random_.jitter(2) == 0 ? random_.jitter(150) : 2; left > 0; --left) {
      rules.push_back(exemption());
    }
    rules.push_back(rule(policy::Action::kProtect, "10.2.0.0/16", "10.1.0.0/16"));
    rules.back().remote.push_back(network("10.9.0.0/24"));
    rules.push_back(rule(policy::Action::kProtect, "2001:db8:2::/48", "2001:db8:1::/48"));
    for (policy::Rule& one : rules) one.draft = random_.jitter(2) == 0;
    return std::make_shared<const policy::Snapshot>(std::move(rules));
  }

  /// `proving`: some of them prove themselves, with all that it has or a part, and announce what they please.
  base::Bytes packet(Authenticator* proving = nullptr) {
    const bool v6 = random_.jitter(2) == 0;
    base::Flow flow{host(1, v6), host(2, v6), base::Protocol::kTcp, port(), port()};
    if (random_.jitter(4) == 0) flow = {flow.source, flow.destination, base::Protocol{47}, 0, 0};
    const base::Address gateway = *base::Address::parse(random_.jitter(2) == 0 ? "192.0.2.1" : "2001:db8::1");
    wire::Probe probe = probe_for(flow, cookie_of(random_.secret() | 1), gateway, nullptr);
    if (random_.jitter(3) == 0) probe.half_proxy.reset();
    if (random_.jitter(3) == 0) probe.capabilities.reset();
    if (random_.jitter(4) == 0) probe.summary.reset();
    if (proving != nullptr && probe.capabilities) {
      probe.capabilities->bits |= (random_.jitter(2) == 0 ? wire::Capabilities::kKeyedHash : 0U) |
                                  (random_.jitter(2) == 0 ? wire::Capabilities::kSignature : 0U);
    }
    const std::size_t padding = random_.jitter(3) == 0 ? 0 : 20 + random_.jitter(700);
    base::Bytes datagram = wire::encode_exactly(probe, wire::unpadded_length(probe) + padding);
    const Means means{.keyed_hash = random_.jitter(2) == 0, .signature = random_.jitter(2) == 0};
    if (proving != nullptr && means.any()) datagram = proving->seal(std::move(datagram), means);
    return wire::udp_packet(flow.source, flow.destination, wire::kUdpPort, wire::kUdpPort, datagram);
  }

 private:
  static policy::Rule rule(policy::Action action, const std::string& local, const std::string& remote) {
    policy::Rule rule;
    rule.name = "r";
    rule.action = action;
    rule.local = {network(local)};
    rule.remote = {network(remote)};
    return rule;
  }
  policy::Rule exemption() {
    const auto octet = [this] { return std::to_string(random_.jitter(256)); };
    policy::Rule one = random_.jitter(2) == 0
                           ? rule(policy::Action::kBypass, "10.2." + octet() + ".0/24", "10.1." + octet() + ".128/25")
                           : rule(policy::Action::kBypass, "2001:db8:2:" + octet() + "::/64", "2001:db8:1::/48");
    if (random_.jitter(3) == 0) {
      one.protocol = base::Protocol::kTcp;
      one.local_port = {22, 23};
    }
    return one;
  }
  base::Address host(int site, bool v6) {
    const std::string text = v6 ? "2001:db8:" + std::to_string(site) + ":" + std::to_string(random_.jitter(99)) + "::7"
                                : "10." + std::to_string(site) + "." + std::to_string(random_.jitter(256)) + ".7";
    return *base::Address::parse(text);
  }
  std::uint16_t port() { return static_cast<std::uint16_t>(1 + random_.jitter(60'000)); }

  sim::SeededRandom random_;
};

/// Asks gateways for answers, each of which proves itself with what `own` has; none may be longer than its probe.
void expect_no_longer(Authenticator* own, Authenticator* askers, int& answers, double& most) {
  Crowd crowd(5);
  sim::SeededRandom random(6);
  sim::SeededHash hash(7);
  base::Instant now{1s};
  for (int i = 0; i < probes();) {
    const auto gateways = {*base::Address::parse("192.0.2.2"), *base::Address::parse("2001:db8::2")};
    Engine engine(Settings{.gateways = gateways}, crowd.policy(), Ports{random, hash, nullptr, own});
    for (int end = i + 500; i < end; ++i) {
      base::Bytes packet = crowd.packet(askers);
      const std::size_t asked = packet.size();
      now += 10ms;  // within what one gateway is answered
      engine.handle(DatagramCaught{std::move(packet)}, now);
      while (const auto action = engine.next_action()) {
        const auto* sent = std::get_if<Transmit>(&*action);
        if (sent == nullptr) continue;
        answers += wire::udp_of(sent->packet)->payload[18] == 241 ? 1 : 0;
        most = std::max(most, static_cast<double>(sent->packet.size()) / static_cast<double>(asked));
        ASSERT_LE(sent->packet.size(), asked);
      }
    }
  }
}

TEST(Amplification, NoAnswerIsLongerThanItsProbe) {
  int answers = 0;
  double most = 0;
  expect_no_longer(nullptr, nullptr, answers, most);
  EXPECT_GT(answers, probes() / 4);
  RecordProperty("largest_answer_in_percent", static_cast<int>(most * 100));
}

TEST(Amplification, NorIsOneThatProvesItself) {
  const auto clock = [] { return base::Instant{std::chrono::hours(500'000)}; };
  // A certificate as short as its askers', and one that takes nearly all that there is for it.
  for (const std::size_t length : {10U, 600U}) {
    sim::SeededAuthenticator own({.key = 7, .authority = 1, .identity = std::string(length, 'b')}, clock);
    sim::SeededAuthenticator askers({.key = 7, .authority = 1, .identity = "gw-a"}, clock);
    int answers = 0;
    double most = 0;
    expect_no_longer(&own, &askers, answers, most);
    EXPECT_GT(answers, probes() / 8);
  }
}

}  // namespace
}  // namespace engine
