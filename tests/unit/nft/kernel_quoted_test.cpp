// ICMP errors that leave this kernel's guard in the clear, and what they quote.
#include "kernel_fixture.hpp"

namespace nft_test {
namespace {

using policy::Action;
using policy::Rule;
using policy::Snapshot;

const base::Bytes kData(16, 0x55);

/// DNS of the inside is exempt, all else between the two networks is protected.
Snapshot sites() {
  auto dns = rule("dns", {"10.1.0.0/16", "fd00:1::/32"}, {"10.2.0.0/16", "fd00:9::/32"});
  dns.action = Action::kBypass;
  dns.protocol = base::Protocol::kUdp;
  dns.remote_port = base::PortRange::only(53);
  return Snapshot({dns, rule("rest", {"10.1.0.0/16", "fd00:1::/32"}, {"10.2.0.0/16", "fd00:9::/32"})});
}

struct Case {
  const char* exempt;  // as quoted, from the outside
  const char* covered;
  const char* uncovered;  // by its source
};
constexpr std::array kCases{
    Case{"udp 10.2.0.7:53 > 10.1.0.2:4000", "udp 10.2.0.7:54 > 10.1.0.2:4000", "udp 10.3.0.7:53 > 10.1.0.2:4000"},
    Case{"udp [fd00:9::7]:53 > [fd00:1::2]:4000", "udp [fd00:9::7]:54 > [fd00:1::2]:4000",
         "udp [fd00:8::7]:53 > [fd00:1::2]:4000"},
};

class Quoted : public Kernel {
 protected:
  bool error_leaves(const base::Flow& about, base::ByteView quoted) {
    return !cross(true, {error_packet(about, quoted)}).empty();
  }
  bool error_leaves(const char* about) { return error_leaves(flow(about), support::packet_of(flow(about), kData)); }
};

TEST_F(Quoted, AnErrorAboutAProtectedFlowDoesNotLeaveAndOneAboutAnExemptFlowDoes) {
  load(sites());
  for (const Case& one : kCases) {
    EXPECT_TRUE(error_leaves(one.exempt)) << one.exempt;
    EXPECT_FALSE(error_leaves(one.covered)) << one.covered;
    EXPECT_TRUE(error_leaves(one.uncovered)) << one.uncovered;
  }
  const auto listing = client_->list(nft::kGuardTable).value();
  EXPECT_NE(
      listing.find(
          "counter packets 1 bytes 72 counter name \"quoted\" drop comment \"rest: protect, quoted by an ICMP error\""),
      std::string::npos)
      << listing;
}

TEST_F(Quoted, EveryKindOfErrorIsAskedAndNothingElse) {
  load(sites());
  for (const Case& one : kCases) {
    const base::Flow about = flow(one.covered);
    const bool v4 = about.source.family() == base::Family::kV4;
    const base::Bytes quoted = support::packet_of(about, kData);
    for (std::uint16_t type = 0; type < 256; ++type) {
      base::Flow error = error_about(about);
      error.source_port = type;
      const bool is_error =
          v4 ? type == 3 || type == 4 || type == 5 || type == 11 || type == 12 || type == 31 || type == 40
             : type < 128 || type == 137;
      const auto crossed = cross(true, {support::packet_of(error, quoted)});
      // What the fixture does not take for ours is no packet that it sent.
      if (!v4 && type >= 130 && type != 137) continue;
      EXPECT_EQ(crossed.empty(), is_error) << one.covered << " type " << type;
    }
  }
}

TEST_F(Quoted, WhatCannotBeReadToThePortsIsJudgedByItsAddresses) {
  load(sites());
  for (const Case& one : kCases) {
    for (const char* text : {one.exempt, one.uncovered}) {
      const base::Flow about = flow(text);
      const bool uncovered = text == one.uncovered;
      const bool v4 = about.source.family() == base::Family::kV4;
      const base::Bytes whole = support::packet_of(about, kData);
      const std::size_t header = v4 ? 20 : 40;
      base::Bytes odd = whole;  // options, or an extension header
      odd[v4 ? 0 : 6] = v4 ? 0x46 : 60;
      EXPECT_EQ(error_leaves(about, odd), uncovered) << text;
      for (const int next : {0, 43, 44, 51, 60, 135, 139, 140, 253, 254}) {
        if (v4) continue;
        odd[6] = static_cast<std::uint8_t>(next);
        EXPECT_EQ(error_leaves(about, odd), uncovered) << text << " header " << next;
      }
      base::Bytes fragment = whole;
      fragment[v4 ? 7 : 6] = v4 ? 9 : 44;
      EXPECT_EQ(error_leaves(about, fragment), uncovered) << text;
      EXPECT_EQ(error_leaves(about, base::ByteView(whole).first(header + 7)), uncovered) << text;
      EXPECT_EQ(error_leaves(about, base::ByteView(whole).first(header + 8)), true) << text;
      EXPECT_FALSE(error_leaves(about, base::ByteView(whole).first(v4 ? 12 : 8))) << "no address: " << text;
      base::Bytes other = whole;  // of no version
      other[0] = 0x75;
      EXPECT_FALSE(error_leaves(about, other)) << text;
    }
  }
}

// More networks than the sets of addresses have intervals: they are judged as if the holes between were covered.
TEST_F(Quoted, SetsOfAddressesAreBoundedAndNeverTooSmall) {
  std::vector<Rule> rules;
  for (std::uint32_t i = 0; i < 600; ++i) {
    auto one = rule(("r" + std::to_string(i)).c_str(), {"10.1.0.0/16"}, {});
    // A hole of a /24 behind each, a wide one behind every third.
    one.remote = {base::Prefix(base::Address::v4(0x0b000000 + (i << 9) + ((i / 3) << 16)), 24)};
    rules.push_back(std::move(one));
  }
  load_planned(Snapshot(std::move(rules)));
  const auto fragment_from = [&](std::uint32_t remote) {
    const base::Flow about{base::Address::v4(remote), address("10.1.0.2"), base::Protocol::kUdp, 53, 4000};
    base::Bytes packet = support::packet_of(about, kData);
    packet[7] = 9;
    return error_leaves(about, packet);
  };
  for (std::uint32_t i = 0; i < 600; i += 7) {
    const std::uint32_t network = 0x0b000000 + (i << 9) + ((i / 3) << 16);
    EXPECT_FALSE(fragment_from(network)) << i;
    EXPECT_FALSE(fragment_from(network + 255)) << i;
    if (i % 3 == 2) {
      EXPECT_TRUE(fragment_from(network + 0x8000)) << i;
    }
  }
}

TEST_F(Quoted, WhatIsOpenIsToldAbout) {
  auto all = rule("all", {"10.1.0.0/16"}, {"10.2.0.0/16"});
  all.on_failure = policy::OnFailure::kBypass;
  const Snapshot policy({all});
  const nft::Opening opening{policy::RuleIndex{0}, address("10.2.0.7"), std::chrono::seconds(30)};
  const auto plan = policy::plan_guard(policy, 0).value();
  for (const policy::GuardPlan* form : {static_cast<const policy::GuardPlan*>(nullptr), &*plan}) {
    put(policy, options(), form, {});
    EXPECT_FALSE(error_leaves("udp 10.2.0.7:4000 > 10.1.0.2:53"));
    put(policy, options(), form, std::array{opening});
    EXPECT_TRUE(error_leaves("udp 10.2.0.7:4000 > 10.1.0.2:53"));
    EXPECT_FALSE(error_leaves("udp 10.2.0.8:4000 > 10.1.0.2:53")) << "another destination";
  }
}

TEST_F(Quoted, TheGatewaysOwnErrorsAreAskedToo) {
  load(sites());
  for (const Case& one : kCases) {
    for (const char* text : {one.covered, one.exempt}) {
      // Arrives with its last hop behind it: the gateway answers from its outer address, which no rule covers.
      const auto sent = from_outside_->send(support::packet_of(flow(text), kData, {.ttl = 1}));
      ASSERT_TRUE(sent) << inject::text(sent.error());
      EXPECT_EQ(cross(true, {}).size(), text == one.exempt ? 1U : 0U) << text;
    }
  }
}

// Towards the inside nothing is asked: a host must learn that its packets are too large for the tunnel.
TEST_F(Quoted, TheInsideIsToldEverything) {
  load(sites());
  for (const char* text : {"udp 10.1.0.2:4000 > 10.2.0.7:54", "udp [fd00:1::2]:4000 > [fd00:9::7]:54"}) {
    const auto sent = from_inside_->send(support::packet_of(flow(text), kData, {.ttl = 1}));
    ASSERT_TRUE(sent) << inject::text(sent.error());
    EXPECT_EQ(cross(false, {}).size(), 1U) << text;
  }
}

}  // namespace
}  // namespace nft_test
