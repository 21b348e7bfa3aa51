// The guard in this kernel: which packets cross a gateway.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <initializer_list>
#include <linux/netfilter/nf_tables.h>
#include <random>
#include <span>
#include <thread>

#include "kernel_fixture.hpp"
#include "platform/nft/reassembly.hpp"
#include "platform/nft/rule_message.hpp"

namespace nft_test {
namespace {

using policy::Action;
using policy::Rule;
using policy::Snapshot;

/// Rules of every shape, in an order in which each one matters.
std::vector<Rule> shapes() {
  std::vector<Rule> rules;
  auto printer = rule("printer", {"10.1.0.0/16", "fd00:1::/32"}, {"10.0.0.77/255.0.0.255", "fd00::77/ffff::ff"});
  printer.action = Action::kBypass;
  auto web = rule("web", {"10.1.0.0/24", "10.1.4.0/22"}, {"10.2.0.0/16", "10.2.8.0/24", "10.9.0.1"});
  web.protocol = base::Protocol::kTcp;
  web.remote_port = {80, 443};
  auto dns = rule("dns", {"fd00:1::/32"}, {"fd00:9::/32"});
  dns.protocol = base::Protocol::kUdp;
  dns.local_port = {1024, 2048};
  dns.remote_port = base::PortRange::only(53);
  auto echo = rule("echo", {"10.1.0.0/16"}, {"0.0.0.0/0"});
  echo.protocol = base::Protocol::kIcmp;
  echo.first_packet = policy::FirstPacket::kHold;
  echo.local_port = base::PortRange::only(8);
  echo.remote_port = base::PortRange::only(0);
  auto echo6 = rule("echo6", {"::/0"}, {"fd00:9::/32"});
  echo6.protocol = base::Protocol::kIpv6Icmp;
  echo6.local_port = {128, 129};
  auto quarantine = rule("quarantine", {"10.1.0.0/255.255.0.1"}, {"10.3.0.0/16"});
  quarantine.action = Action::kBlock;
  auto rest = rule("rest", {"10.1.0.0/24"}, {"10.3.0.0/16", "10.2.0.0/15"});
  return {printer, web, dns, echo, echo6, quarantine, rest};
}

using Random = std::mt19937;

std::uint16_t below(Random& random, unsigned count) {
  return static_cast<std::uint16_t>(random() % count);
}
std::uint16_t one_of(Random& random, std::initializer_list<std::uint16_t> values) {
  return values.begin()[below(random, static_cast<unsigned>(values.size()))];
}

base::Address pick_v4(Random& random, bool local) {
  const std::uint32_t second = local ? 1 : one_of(random, {2, 2, 3, 3, 9, 4});
  const std::uint32_t third = one_of(random, {0, 0, 0, 1, 4, 7, 8});
  const std::uint32_t low = one_of(random, {0, 1, 2, 77});
  return base::Address::v4((10U << 24) | (second << 16) | (third << 8) | low);
}

base::Address pick_v6(Random& random, bool local) {
  const base::Uint128 second = local ? 1 : one_of(random, {9, 7});
  const base::Uint128 low = one_of(random, {3, 4, 0x77});
  return {base::Family::kV6, (base::Uint128{0xfd00} << 112) | (second << 96) | low};
}

base::Flow pick_flow(Random& random) {
  base::Flow flow;
  const bool v4 = random() % 2 == 0;
  flow.source = v4 ? pick_v4(random, true) : pick_v6(random, true);
  flow.destination = v4 ? pick_v4(random, false) : pick_v6(random, false);
  switch (random() % 4) {
    case 0: flow.protocol = base::Protocol::kTcp; break;
    case 1: flow.protocol = base::Protocol::kUdp; break;
    case 2: flow.protocol = base::Protocol::kGre; break;
    default: flow.protocol = v4 ? base::Protocol::kIcmp : base::Protocol::kIpv6Icmp;
  }
  if (base::has_ports(flow.protocol)) {
    flow.source_port = one_of(random, {52, 53, 79, 80, 443, 444, 1023, 1024, 2048, 2049});
    flow.destination_port = one_of(random, {52, 53, 79, 80, 443, 444, 1023, 1024, 2048, 2049});
  } else if (base::is_icmp(flow.protocol)) {
    // Types that a gateway forwards and that are no errors.
    flow.source_port = v4 ? one_of(random, {8, 0, 13}) : one_of(random, {128, 129});
    flow.destination_port = below(random, 2);
  }
  return flow;
}

TEST_F(Kernel, EveryPacketMeetsItsFirstRuleToTheLetter) {
  const Snapshot policy(shapes());
  load(policy);
  Random random(20010807);
  int passed = 0;
  for (int i = 0; i < 8000 && !HasFailure(); ++i) {
    const auto flow = pick_flow(random);  // as the policy sees it
    const bool outward = random() % 2 == 0;
    const auto match = policy.first_match(flow);
    const bool expected = !match || policy.rule(match->rule).action == Action::kBypass;
    EXPECT_EQ(passes(outward ? flow : flow.mirrored(), outward), expected) << flow.text();
    passed += expected ? 1 : 0;
  }
  EXPECT_GT(passed, 1000) << "the test must see both outcomes often";
  EXPECT_LT(passed, 7000);
}

Rule dns_rule() {
  auto dns = rule("dns", {"10.1.0.0/16"}, {"10.2.0.0/16"});
  dns.protocol = base::Protocol::kUdp;
  dns.remote_port = base::PortRange::only(53);
  return dns;
}

std::vector<base::Bytes> two_fragments(const base::Flow& flow) {
  const base::Bytes body = support::transport(flow, base::Bytes(1992, 0x55));
  const base::ByteView view(body);
  return {support::ip_packet(flow.source, flow.destination, flow.protocol, view.first(1000), {7, 0x2000}),
          support::ip_packet(flow.source, flow.destination, flow.protocol, view.subspan(1000), {7, 125})};
}

TEST_F(Kernel, AFragmentBelongsToItsPacketsRule) {
  load(Snapshot({dns_rule()}));
  EXPECT_TRUE(cross(true, two_fragments(flow("udp 10.1.0.2:4000 > 10.2.0.7:53"))).empty());
  EXPECT_FALSE(cross(true, two_fragments(flow("udp 10.1.0.2:4000 > 10.2.0.7:54"))).empty());
}

TEST_F(Kernel, WithoutReassemblyAFragmentThatMayBeProtectedIsDropped) {
  auto without = options();
  without.reassemble = false;
  put(Snapshot({dns_rule()}), without, nullptr, {});
  EXPECT_TRUE(cross(true, two_fragments(flow("udp 10.1.0.2:4000 > 10.2.0.7:53"))).empty());
  EXPECT_EQ(cross(true, two_fragments(flow("udp 10.1.0.2:4000 > 10.2.0.7:54"))).size(), 1U) << "the one with ports";
  EXPECT_EQ(cross(true, two_fragments(flow("udp 10.1.0.2:4000 > 10.4.0.7:54"))).size(), 2U);
}

TEST_F(Kernel, TheTrialOfReassemblyLeavesNothingBehind) {
  auto client = nft::Client::open();
  ASSERT_TRUE(client.has_value());
  const auto can = nft::can_reassemble(*client);
  ASSERT_TRUE(can.has_value()) << can.error().message;
  EXPECT_TRUE(*can) << "or the tests of fragments above could not pass";
  EXPECT_FALSE(client->exists("inet opented_trial").value_or(true));
}

TEST_F(Kernel, ReplacingLeavesNoGap) {
  const Snapshot policy({rule("all", {"10.1.0.0/24"}, {"10.2.0.0/16"})});
  load(policy);
  const auto packet = support::packet_of(flow("udp 10.1.0.2:4000 > 10.2.0.7:53"), kPayload);
  std::atomic<bool> stop = false;
  std::uint64_t sent = 0;
  std::thread traffic([&] {
    cpu_set_t any;
    std::memset(&any, 0xff, sizeof any);
    sched_setaffinity(0, sizeof any, &any);
    while (!stop) sent += from_inside_->send(packet) ? 1U : 0U;
  });
  for (int i = 0; i < 100; ++i) load(policy);
  stop = true;
  traffic.join();
  EXPECT_GT(sent, 100U);
  EXPECT_TRUE(cross(true, {}).empty()) << "a protected packet left while the table was replaced";
}

std::size_t editions_in(const std::string& listing) {
  std::size_t count = 0;
  for (auto at = listing.find("chain forward."); at != std::string::npos; at = listing.find("chain forward.", at + 1)) {
    ++count;
  }
  return count;
}

TEST_F(Kernel, WhateverIsInTheTableOneGuardIsInForceAndNothingElseIsLeft) {
  const Snapshot policy({rule("all", {"10.1.0.0/24"}, {"10.2.0.0/16"})});
  const auto covered = flow("udp 10.1.0.2:4000 > 10.2.0.7:53");
  for (const char* before : {
           // of a tedd that was killed before its guard was in force, and one of an older layout
           "table inet opented { set seen4.8 { type ipv4_addr; }; chain leaving.8 { ip saddr @seen4.8 drop; }\n"
           "chain forward.8 { jump leaving.8; }\n}\n",
           "table inet opented { set open { type ipv4_addr; }; chain leaving { ip saddr @open accept; }\n"
           "chain forward { type filter hook forward priority 300; policy accept; ip saddr { 10.9.0.1 } accept\n"
           "jump leaving; }\nchain gone { type filter hook forward priority 298; policy accept; jump leaving; }\n}\n",
           "table inet opented { flags dormant; }\n",
       }) {
    load_text(before);
    load(policy);
    EXPECT_FALSE(passes(covered)) << before;
    const auto listing = client_->list(nft::kGuardTable).value();
    EXPECT_EQ(editions_in(listing), 1U) << listing;
    EXPECT_EQ(listing.find("chain leaving {"), std::string::npos) << listing;
    EXPECT_EQ(listing.find("chain gone"), std::string::npos) << listing;
    EXPECT_EQ(listing.find(".8"), std::string::npos) << listing;
    load_text(nft::remove_guard_ruleset());
  }
}

TEST_F(Kernel, ARefusedReplacementLeavesTheGuardThatWasInForceAndNothingElse) {
  const Snapshot policy({rule("all", {"10.1.0.0/24"}, {"10.2.0.0/16"})});
  load(policy);
  const auto before = client_->list(nft::kGuardTable).value();
  auto impossible = options();
  impossible.gateway_addresses.clear();
  impossible.interfaces = {std::string(20, 'x')};  // longer than a name can be
  const auto done = nft::replace_guard(*client_, {policy, impossible});
  ASSERT_FALSE(done);
  EXPECT_FALSE(passes(flow("udp 10.1.0.2:4000 > 10.2.0.7:53")));
  EXPECT_EQ(editions_in(client_->list(nft::kGuardTable).value()), editions_in(before));
}

TEST_F(Kernel, WhatTheKernelRefusesIsNamed) {
  load(Snapshot());
  nft::Batch batch;
  nft::add_chain(batch, "one.99");
  nft::RuleMessage(batch, "one.99").decide({NFT_GOTO, "nowhere.99"});
  const auto done = client_->run(std::move(batch));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "a rule of chain one.99: No such file or directory");
  EXPECT_EQ(client_->list(nft::kGuardTable).value().find("one.99"), std::string::npos) << "all or nothing";
}

TEST_F(Kernel, AnOpeningIsForItsRuleAndDestinationOnly) {
  auto web = rule("web", {"10.1.0.0/24"}, {"10.2.0.0/16"});
  web.protocol = base::Protocol::kTcp;
  web.on_failure = policy::OnFailure::kBypass;
  const Snapshot policy({web, rule("rest", {"10.1.0.0/24"}, {"10.2.0.0/16"})});
  const auto opened = flow("tcp 10.1.0.2:4000 > 10.2.0.7:80");
  load(policy);
  EXPECT_FALSE(passes(opened));
  const nft::Opening opening{policy::RuleIndex{0}, address("10.2.0.7"), std::chrono::seconds(30)};
  load_text(nft::openings_ruleset(policy, std::array{opening}, edition_));
  EXPECT_TRUE(passes(opened));
  EXPECT_TRUE(passes(opened.mirrored(), false));
  EXPECT_FALSE(passes(flow("udp 10.1.0.2:4000 > 10.2.0.7:80"))) << "another rule's flow";
  EXPECT_FALSE(passes(flow("tcp 10.1.0.2:4000 > 10.2.0.8:80"))) << "another destination";
  EXPECT_FALSE(passes(flow("tcp 10.2.0.8:80 > 10.1.0.2:4000"), false)) << "a reply from another destination";
  load_text(nft::openings_ruleset(policy, {}, edition_));
  EXPECT_FALSE(passes(opened));
  // There is no moment in which the opening is missing or stale.
  put(policy, options(), nullptr, std::array{opening});
  EXPECT_TRUE(passes(opened));
}

TEST_F(Kernel, ATunnelDeviceTakesItsSelectorsOnly) {
  {
    const support::Inside there(path_.gateway);
    ASSERT_TRUE(support::ip("link set dev wan0 down") && support::ip("link set dev wan0 name ipsec0") &&
                support::ip("link set dev ipsec0 up") && support::ip("route add default via 192.0.2.2"));
  }
  const Snapshot policy({rule("all", {"10.1.0.0/24"}, {"10.2.0.0/16"})});
  load(policy);
  const auto covered = flow("tcp 10.1.0.2:4000 > 10.2.0.7:80");
  EXPECT_FALSE(passes(covered));
  EXPECT_TRUE(passes(covered.mirrored(), false)) << "charon has checked what comes out of its device";
  load_text(nft::tunnels_ruleset(std::array{base::Selector::of(covered)}, edition_));
  EXPECT_TRUE(passes(covered));
  EXPECT_FALSE(passes(flow("tcp 10.1.0.2:4000 > 10.2.0.7:81")));
  load_text(nft::tunnels_ruleset({}, edition_));
  EXPECT_FALSE(passes(covered));
}

TEST_F(Kernel, WhatCameOutOfATunnelLeavesOutsideByTheRulesOnly) {
  {
    const support::Inside there(path_.gateway);
    ASSERT_TRUE(support::ip("link set dev lan0 down") && support::ip("link set dev lan0 name ipsec0") &&
                support::ip("link set dev ipsec0 up") && support::ip("route add 10.1.0.0/16 via 172.16.1.2"));
  }
  const auto flow_out = flow("tcp 10.1.0.2:4000 > 10.2.0.7:80");
  load(Snapshot({rule("theirs", {"10.1.0.0/24"}, {"10.2.0.0/16"})}));
  EXPECT_FALSE(passes(flow_out)) << "a flow that leaves protected only";
  load(Snapshot({rule("ours", {"10.2.0.0/16"}, {"10.1.0.0/24"})}));
  EXPECT_FALSE(passes(flow_out)) << "what the tunnel brought to a protected host that is not inside";
  EXPECT_TRUE(passes(flow("tcp 10.1.0.2:4000 > 10.4.0.7:80"))) << "no rule covers it";
}

TEST_F(Kernel, TedTravelsOnThroughAnyRule) {
  auto all = rule("all", {"0.0.0.0/0"}, {"0.0.0.0/0"});
  all.action = Action::kBlock;
  all.local = {masked("10.1.0.0/24")};
  load(Snapshot({all}));
  const auto probe = flow("udp 10.1.0.2:4000 > 10.2.0.7:500");
  EXPECT_EQ(cross(true, {support::packet_of(probe, support::isakmp(240))}).size(), 1U);
  EXPECT_EQ(cross(true, {support::packet_of(probe, support::isakmp(241))}).size(), 1U);
  EXPECT_EQ(cross(true, {support::packet_of(probe, support::isakmp(240, 0x20))}).size(), 0U) << "IKEv2's private 240";
  EXPECT_EQ(cross(true, {support::packet_of(probe, support::isakmp(34))}).size(), 0U);
  EXPECT_EQ(cross(true, {support::packet_of(probe, support::isakmp(240, 0x10, 0))}).size(), 1U);
  EXPECT_EQ(cross(true, {lying_probe(probe, 4104)}).size(), 1U);
  EXPECT_EQ(cross(true, {lying_probe(probe, 4105)}).size(), 0U) << "longer than anything that a gateway reads";
  EXPECT_EQ(cross(true, {lying_probe(probe, 35)}).size(), 0U) << "shorter than a header";
}

TEST_F(Kernel, AFlowIsCaughtOnceASecondAndNeverCrosses) {
  auto reader = open_reader(kCatchGroup);
  load(Snapshot({rule("all", {"10.1.0.0/24", "fd00:1::/32"}, {"10.2.0.0/16", "fd00:9::/32"})}));
  const base::Bytes long_payload(1000, 0x77);
  std::vector<base::Bytes> packets;
  for (int i = 0; i < 5; ++i) {
    for (const char* text :
         {"udp 10.1.0.2:4000 > 10.2.0.7:53", "udp 10.1.0.2:4000 > 10.2.0.7:54", "udp [fd00:1::2]:4000 > [fd00:9::7]:53",
          "gre 10.1.0.2 > 10.2.0.7", "icmp 10.1.0.2:8 > 10.2.0.7:0", "icmp 10.1.0.2:13 > 10.2.0.7:0"}) {
      packets.push_back(support::packet_of(flow(text), long_payload));
    }
  }
  const auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(cross(true, packets).empty());
  const auto took = std::chrono::steady_clock::now() - start;
  const auto caught = read_packets(reader, 6);
  ASSERT_EQ(caught.size(), 6U);
  for (std::size_t i = 0; i < 6; ++i) {
    ASSERT_EQ(caught[i].size(), 256U);
    const std::size_t skip = packets[i][0] >> 4 == 4 ? 12 : 8;  // the gateway has not counted the TTL down yet, or has
    EXPECT_TRUE(std::equal(caught[i].begin() + static_cast<std::ptrdiff_t>(skip), caught[i].end(),
                           packets[i].begin() + static_cast<std::ptrdiff_t>(skip)));
  }
  const auto again = reader.read([](auto, const auto&) {}).value();
  const bool within_a_second = took < std::chrono::milliseconds(900);
  EXPECT_TRUE(again == 0 || !within_a_second) << again;
}

/// A datagram from each of `sources` in turn to so many destinations, then one from `neighbour`.
std::vector<base::Bytes> scan_of(std::vector<base::Flow> sources, std::uint32_t destinations, base::Flow neighbour,
                                 base::Uint128 step) {
  std::vector<base::Bytes> packets;
  for (std::uint32_t i = 0; i < destinations; ++i) {
    base::Flow& flow = sources[i % sources.size()];
    flow.destination = {flow.destination.family(), flow.destination.value() + step};
    packets.push_back(support::packet_of(flow, base::Bytes{1, 2, 3, 4}));
  }
  packets.push_back(support::packet_of(neighbour, base::Bytes{1, 2, 3, 4}));
  return packets;
}

TEST_F(Kernel, AHostThatScansLeavesRoomForItsNeighbours) {
  auto reader = open_reader(kCatchGroup);
  auto held = rule("held", {"10.1.1.0/24"}, {"10.2.0.0/16"});
  held.first_packet = policy::FirstPacket::kHold;
  load(Snapshot({held, rule("all", {"10.1.0.0/24", "fd00:1::/32"}, {"10.2.0.0/16", "fd00:9::/32"})}));
  const std::vector<std::vector<base::Bytes>> scans = {
      scan_of({flow("udp 10.1.0.2:4000 > 10.2.0.0:53")}, 3000, flow("udp 10.1.0.3:4000 > 10.2.0.7:53"), 1),
      scan_of({flow("udp 10.1.1.2:4000 > 10.2.0.0:53")}, 3000, flow("udp 10.1.1.3:4000 > 10.2.0.7:53"), 1),
      scan_of({flow("udp [fd00:1::2]:4000 > [fd00:9::]:53"), flow("udp [fd00:1::3]:4000 > [fd00:9:0:1::]:53")}, 3000,
              flow("udp [fd00:1:0:1::2]:4000 > [fd00:9::7]:53"), 1)};
  for (const auto& packets : scans) {
    const auto start = std::chrono::steady_clock::now();
    std::size_t count = 0;
    std::size_t of_neighbour = 0;
    const std::size_t skip = packets[0][0] >> 4 == 4 ? 12 : 8;  // what the gateway changes stands before
    const auto take = [&](base::ByteView packet, const nflog::PacketInfo&) {
      ++count;
      const auto same = std::equal(packet.begin() + static_cast<std::ptrdiff_t>(skip), packet.end(),
                                   packets.back().begin() + static_cast<std::ptrdiff_t>(skip));
      of_neighbour += same ? 1U : 0U;
    };
    constexpr std::size_t kAtOnce = 250;  // well below what the reader's socket holds
    for (std::size_t sent = 0; sent < packets.size(); sent += kAtOnce) {
      const auto part = std::span(packets).subspan(sent, std::min(kAtOnce, packets.size() - sent));
      EXPECT_TRUE(cross(true, {part.begin(), part.end()}).empty());
      while (reader.read(take).value() > 0) {
      }
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    EXPECT_LT(count, 1'000 + 600 * took.count()) << "700 at once, 600 a second";
    EXPECT_EQ(of_neighbour, 1U) << count;
  }
  EXPECT_EQ(reader.counters().lost, 0U);
}

TEST_F(Kernel, AHeldFirstPacketIsCopiedWhole) {
  auto reader = open_reader(kCatchGroup);
  auto all = rule("all", {"10.1.0.0/24"}, {"10.2.0.0/16"});
  all.first_packet = policy::FirstPacket::kHold;
  load(Snapshot({all}));
  const auto packet = support::packet_of(flow("udp 10.1.0.2:4000 > 10.2.0.7:53"), base::Bytes(1400, 0x77));
  EXPECT_TRUE(cross(true, {packet}).empty());
  const auto caught = read_packets(reader, 1);
  ASSERT_EQ(caught.size(), 1U);
  EXPECT_EQ(caught[0].size(), packet.size());
}

}  // namespace
}  // namespace nft_test
