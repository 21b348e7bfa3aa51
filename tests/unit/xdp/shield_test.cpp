// The program itself, run by the kernel on frames that no interface carried.
#include "platform/xdp/shield.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <optional>
#include <utility>

#include "base/address.hpp"
#include "platform/xdp/shield_layout.h"

namespace {

using base::Bytes;

constexpr std::uint8_t kProbe = 0xf0;
constexpr std::uint8_t kResponse = 0xf1;
constexpr std::size_t kEthernet = 14;
constexpr std::size_t kIpv4 = 20;
constexpr std::size_t kIpv6 = 40;
constexpr std::size_t kUdp = 8;
constexpr std::size_t kIsakmp = 28;

void put(Bytes& bytes, std::size_t at, unsigned value) {
  bytes[at] = static_cast<std::uint8_t>(value >> 8U);
  bytes[at + 1] = static_cast<std::uint8_t>(value);
}

void put_address(Bytes& bytes, std::size_t at, const char* text) {
  const base::Address address = base::Address::parse(text).value();
  const std::size_t octets = base::octets(address.family());
  for (std::size_t i = 0; i < octets; ++i)
    bytes[at + octets - 1 - i] = static_cast<std::uint8_t>(address.value() >> (8 * i));
}

Bytes datagram(std::uint8_t exchange, std::size_t padding = 100) {
  Bytes udp(kUdp + kIsakmp + padding);
  put(udp, 0, 40'000);
  put(udp, 2, 500);
  put(udp, 4, static_cast<unsigned>(udp.size()));
  udp[kUdp + 17] = 0x10;
  udp[kUdp + 18] = exchange;
  return udp;
}

Bytes frame(unsigned type, const Bytes& head, const Bytes& rest) {
  Bytes all(kEthernet + head.size() + rest.size());
  put(all, 12, type);
  std::ranges::copy(rest, std::ranges::copy(head, all.begin() + kEthernet).out);
  return all;
}

Bytes ipv4(const char* source, const Bytes& udp, std::size_t options = 0) {
  Bytes head(kIpv4 + options);
  head[0] = static_cast<std::uint8_t>(0x40 | (head.size() / 4));
  put(head, 2, static_cast<unsigned>(head.size() + udp.size()));
  head[8] = 64;
  head[9] = 17;
  put_address(head, 12, source);
  return frame(0x0800, head, udp);
}

Bytes ipv6(const char* source, const Bytes& udp, std::uint8_t next = 17) {
  Bytes head(kIpv6);
  head[0] = 0x60;
  put(head, 4, static_cast<unsigned>(udp.size()));
  head[6] = next;
  head[7] = 64;
  put_address(head, 8, source);
  return frame(0x86dd, head, udp);
}

/// The frame with so many tags behind its addresses.
Bytes tagged(Bytes frame, unsigned vlan, std::size_t count = 1, unsigned type = 0x8100) {
  Bytes tag(4);
  put(tag, 0, type);
  put(tag, 2, vlan);
  for (std::size_t i = 0; i < count; ++i) frame.insert(frame.begin() + 12, tag.begin(), tag.end());
  return frame;
}

Bytes changed(Bytes bytes, std::size_t at, std::uint8_t value) {
  bytes[at] = value;
  return bytes;
}

class Shield : public testing::Test {
 protected:
  void SetUp() override {
    auto loaded = xdp::Shield::load();
    using enum xdp::ErrorCode;
    if (!loaded && (loaded.error().code == kNoPermission || loaded.error().code == kNotSupported)) {
      GTEST_SKIP() << "no XDP program can be loaded here: " << xdp::text(loaded.error());
    }
    ASSERT_TRUE(loaded) << xdp::text(loaded.error());
    shield_.emplace(*std::move(loaded));
  }

  bool passes(const Bytes& frame) {
    const auto passed = shield_->passes(frame);
    EXPECT_TRUE(passed) << (passed ? "" : xdp::text(passed.error()));
    return passed.value_or(false);
  }
  /// How many of so many in a row.
  unsigned passing(const Bytes& frame, unsigned of) {
    unsigned passed = 0;
    for (unsigned i = 0; i < of; ++i) passed += passes(frame) ? 1U : 0U;
    return passed;
  }
  std::uint64_t seen() const { return shield_->counts().seen; }

  std::optional<xdp::Shield> shield_;
};

TEST_F(Shield, CountsDiscovery) {
  const Bytes frames[] = {
      ipv4("10.1.0.1", datagram(kProbe)),    ipv4("10.1.0.1", datagram(kResponse)),
      ipv4("10.1.0.1", datagram(kProbe, 0)), ipv4("10.1.0.1", datagram(kProbe), 40),
      ipv6("2001:db8::1", datagram(kProbe)), ipv6("2001:db8::1", datagram(kResponse)),
  };
  for (const Bytes& each : frames) EXPECT_TRUE(passes(each));
  EXPECT_EQ(seen(), std::size(frames));
}

TEST_F(Shield, ReadsExtensionHeaders) {
  const Bytes udp = datagram(kProbe);
  Bytes two(24 + udp.size());  // hop-by-hop options of 16 bytes, then destination options of 8
  two[0] = 60;
  two[1] = 1;
  two[16] = 17;
  std::ranges::copy(udp, two.begin() + 24);
  EXPECT_TRUE(passes(ipv6("2001:db8::1", two, 0)));
  EXPECT_EQ(seen(), 1U);

  constexpr std::size_t kAuthentication = 24;  // its length field says 4: six words, without the first two
  Bytes authenticated(kAuthentication + udp.size());
  authenticated[0] = 17;
  authenticated[1] = kAuthentication / 4 - 2;
  std::ranges::copy(udp, authenticated.begin() + kAuthentication);
  EXPECT_TRUE(passes(ipv6("2001:db8::1", authenticated, 51)));
  EXPECT_EQ(seen(), 2U);

  for (const std::size_t count : {31U, 32U}) {
    Bytes many(8 * count + udp.size());
    for (std::size_t i = 0; i < count; ++i) many[8 * i] = i + 1 < count ? 60 : 17;
    std::ranges::copy(udp, many.begin() + static_cast<std::ptrdiff_t>(8 * count));
    EXPECT_TRUE(passes(ipv6("2001:db8::1", many, 60)));
  }
  EXPECT_EQ(seen(), 4U);
}

TEST_F(Shield, ReadsBehindPriorityTags) {
  constexpr unsigned kPriority = 5U << 13U;
  const Bytes v4 = ipv4("10.1.0.1", datagram(kProbe), 8);
  const Bytes v6 = ipv6("2001:db8::1", datagram(kProbe));
  const Bytes frames[] = {tagged(v4, kPriority), tagged(v6, kPriority),    tagged(v4, 0, 2),
                          tagged(v6, 0, 32),     tagged(v4, 0, 1, 0x88a8), tagged(tagged(v6, 0), 0, 1, 0x88a8)};
  for (const Bytes& each : frames) EXPECT_TRUE(passes(each));
  EXPECT_EQ(seen(), std::size(frames));

  const Bytes flooded = tagged(ipv4("10.1.0.2", datagram(kProbe)), 0);
  EXPECT_LT(passing(flooded, 2 * SHIELD_SOURCE_BURST), 2U * SHIELD_SOURCE_BURST) << "a tag is no way past the rate";
}

TEST_F(Shield, LeavesAlone) {
  const std::size_t udp = kEthernet + kIpv4;
  const std::size_t isakmp = udp + kUdp;
  const Bytes probe = ipv4("10.1.0.1", datagram(kProbe));
  const std::pair<const char*, Bytes> frames[] = {
      {"another VLAN's", tagged(probe, 7)},
      {"another VLAN's behind a priority tag", tagged(tagged(probe, 7), 0, 1, 0x88a8)},
      {"IKEv2", changed(changed(probe, isakmp + 17, 0x20), isakmp + 18, 34)},
      {"exchange type 240 of another version", changed(probe, isakmp + 17, 0x20)},
      {"another exchange type", changed(probe, isakmp + 18, 0xf2)},
      {"another port", changed(probe, udp + 3, 0)},
      {"a UDP length that is shorter than an ISAKMP header", changed(probe, udp + 5, 35)},
      {"a UDP length that is longer than we read", changed(probe, udp + 4, 0x20)},
      {"TCP", changed(probe, kEthernet + 9, 6)},
      {"a first fragment", changed(probe, kEthernet + 6, 0x20)},
      {"a later fragment", changed(probe, kEthernet + 7, 10)},
      {"a tagged frame", changed(changed(probe, 12, 0x81), 13, 0)},
      {"ARP", changed(probe, 13, 6)},
      {"another IP version", changed(probe, kEthernet, 0x55)},
      {"a header length that cannot be", changed(probe, kEthernet, 0x44)},
      {"an IPv6 fragment", ipv6("2001:db8::1", datagram(kProbe), 44)},
  };
  for (const auto& [what, each] : frames) EXPECT_TRUE(passes(each)) << what;
  EXPECT_EQ(seen(), 0U);
}

TEST_F(Shield, LeavesAloneWhatIsCutShort) {
  for (const Bytes& whole : {ipv4("10.1.0.1", datagram(kProbe, 0), 40), ipv6("2001:db8::1", datagram(kProbe, 0))}) {
    for (std::size_t length = kEthernet; length < whole.size(); ++length) {
      EXPECT_TRUE(passes(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)))) << length;
    }
  }
  EXPECT_EQ(seen(), 0U);
}

TEST_F(Shield, BoundsEachSource) {
  constexpr unsigned kSent = 10 * SHIELD_SOURCE_BURST;
  const unsigned passed = passing(ipv4("10.1.0.1", datagram(kProbe)), kSent);
  EXPECT_GE(passed, unsigned{SHIELD_SOURCE_BURST});
  EXPECT_LT(passed, kSent);  // the burst, and what time added
  EXPECT_EQ(shield_->counts().over_source, kSent - passed);
  EXPECT_TRUE(passes(ipv4("10.1.0.2", datagram(kProbe))));
  EXPECT_TRUE(passes(ipv6("2001:db8::1", datagram(kProbe))));
  EXPECT_EQ(seen(), kSent + 2U);
}

TEST_F(Shield, WhoSendsResponsesUnderAnAddressUsesUpNothingOfIt) {
  const unsigned passed = passing(ipv4("10.1.0.1", datagram(kResponse)), 3 * SHIELD_SOURCE_BURST);
  EXPECT_EQ(passed, 3U * SHIELD_SOURCE_BURST);
  EXPECT_EQ(passing(ipv4("10.1.0.1", datagram(kProbe)), 10), 10U);
  EXPECT_LT(passing(ipv4("10.1.0.1", datagram(kResponse)), 3 * SHIELD_ALL_BURST), 3U * SHIELD_ALL_BURST);
  EXPECT_GT(shield_->counts().over_all, 0U);
}

// However many known sources flood, those that ask for little find room.
TEST_F(Shield, ManyThatFloodDoNotTouchOneThatDoesNot) {
  std::vector<Bytes> flood;
  for (unsigned i = 0; i < 100; ++i) {
    flood.push_back(ipv4("10.9.0.0", datagram(kProbe)));
    put(flood.back(), kEthernet + 14, i);
  }
  const Bytes calm = ipv4("10.1.0.1", datagram(kProbe));
  ASSERT_TRUE(passes(calm));
  unsigned refused = 0;
  for (unsigned turn = 0; turn < 20; ++turn) {
    for (unsigned i = 0; i < 5'000; ++i) refused += passes(flood[i % flood.size()]) ? 0U : 1U;
    EXPECT_TRUE(passes(calm)) << turn;
  }
  EXPECT_GT(refused, 0U);
  EXPECT_GT(shield_->counts().over_all, 0U);
}

TEST_F(Shield, TakesHostsOfOneIpv6NetworkForOneSource) {
  unsigned passed = 0;
  for (unsigned i = 0; i < 5 * SHIELD_SOURCE_BURST; ++i) {
    Bytes frame = ipv6("2001:db8::1", datagram(kProbe));
    put(frame, kEthernet + 8 + 14, i);
    passed += passes(frame) ? 1U : 0U;
  }
  EXPECT_LT(passed, 5U * SHIELD_SOURCE_BURST);
  EXPECT_TRUE(passes(ipv6("2001:db8:0:1::1", datagram(kProbe))));
}

TEST_F(Shield, FloodOfInventedSourcesDoesNotTouchKnownOnes) {
  const Bytes known = ipv4("10.1.0.1", datagram(kProbe));
  ASSERT_TRUE(passes(known));
  unsigned passed = 0;
  constexpr unsigned kSent = 5 * SHIELD_NEWCOMERS_BURST;
  for (unsigned i = 0; i < kSent; ++i) {
    Bytes frame = ipv4("10.9.0.0", datagram(kProbe));
    put(frame, kEthernet + 14, i);
    passed += passes(frame) ? 1U : 0U;
  }
  EXPECT_LT(passed, kSent);
  EXPECT_EQ(shield_->counts().over_newcomers, kSent - passed);
  EXPECT_EQ(passing(known, 100), 100U);
}

TEST_F(Shield, SaysWhatItCannotStandAt) {
  const auto attached = shield_->attach("ted-no-such-if", xdp::Wish::kAuto);
  ASSERT_FALSE(attached);
  EXPECT_EQ(attached.error().code, xdp::ErrorCode::kNoInterface);
}

}  // namespace
