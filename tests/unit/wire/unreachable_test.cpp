#include "wire/unreachable.hpp"

#include <array>
#include <gtest/gtest.h>

#include "build.hpp"
#include "support/packets.hpp"
#include "wire/codec.hpp"
#include "wire/packet.hpp"

namespace wire {
namespace {

struct Ends {
  const char* router;
  const char* source;
  const char* destination;
  base::Protocol icmp;
  std::uint8_t type;
};
constexpr Ends kV4{"198.51.100.9", "10.1.0.5", "10.2.0.7", base::Protocol::kIcmp, 3};
constexpr Ends kV6{"2001:db8:f::9", "2001:db8:1::5", "2001:db8:2::7", base::Protocol::kIpv6Icmp, 1};

base::Address address(const char* text) {
  return *base::Address::parse(text);
}

base::Bytes probe_packet(const Ends& ends) {
  const base::Flow flow{address(ends.source), address(ends.destination), base::Protocol::kUdp, 40000, 53};
  const Probe probe{.initiator_cookie = {1, 2, 3, 4, 5, 6, 7, 8},
                    .gateway = address("192.0.2.1"),
                    .half_proxy = {},
                    .capabilities = {},
                    .summary = flow};
  return udp_packet(flow.source, flow.destination, 40000, 500, encode(probe));
}

base::Bytes error_about(const Ends& ends, base::ByteView quoted, std::uint8_t code) {
  base::Bytes icmp{ends.type, code, 0, 0, 0, 0, 0, 0};
  icmp.insert(icmp.end(), quoted.begin(), quoted.end());
  return support::ip_packet(address(ends.router), address(ends.source), ends.icmp, icmp);
}

TEST(Unreachable, TellsWhichProbeFoundNobodyAndWhoSaysSo) {
  for (const Ends& ends : {kV4, kV6}) {
    const auto found = unreachable_of(error_about(ends, probe_packet(ends), 3));
    ASSERT_TRUE(found) << ends.router;
    EXPECT_EQ(found->reporter, address(ends.router));
    EXPECT_EQ(found->source, address(ends.source));
    EXPECT_EQ(found->destination, address(ends.destination));
    EXPECT_EQ(found->code, 3);
    EXPECT_EQ(found->initiator_cookie, (Cookie{1, 2, 3, 4, 5, 6, 7, 8}));
  }
}

TEST(Unreachable, CodesOfBothFamiliesSayWhatStoodInTheWay) {
  using enum Unreachable::Obstacle;
  const auto obstacle = [](const Ends& ends, std::uint8_t code) {
    return Unreachable{address(ends.router), code, address(ends.source), address(ends.destination), {}}.obstacle();
  };
  for (const std::uint8_t code : std::array<std::uint8_t, 8>{0, 1, 2, 5, 6, 7, 11, 12})
    EXPECT_EQ(obstacle(kV4, code), kNoWay) << int{code};
  for (const std::uint8_t code : std::array<std::uint8_t, 3>{9, 10, 13})
    EXPECT_EQ(obstacle(kV4, code), kRefused) << int{code};
  EXPECT_EQ(obstacle(kV4, 3), kNoPort);
  for (const std::uint8_t code : std::array<std::uint8_t, 3>{0, 2, 3})
    EXPECT_EQ(obstacle(kV6, code), kNoWay) << int{code};
  for (const std::uint8_t code : std::array<std::uint8_t, 3>{1, 5, 6})
    EXPECT_EQ(obstacle(kV6, code), kRefused) << int{code};
  EXPECT_EQ(obstacle(kV6, 4), kNoPort);
}

// Routers quote as much as they like; from the exchange type on it is enough.
TEST(Unreachable, NeedsTheQuoteUpToTheExchangeType) {
  for (const Ends& ends : {kV4, kV6}) {
    const base::Bytes probe = probe_packet(ends);
    const std::size_t needed = (ends.icmp == base::Protocol::kIcmp ? 20U : 40U) + 8 + 19;
    for (std::size_t length = 0; length <= probe.size(); ++length) {
      EXPECT_EQ(unreachable_of(error_about(ends, base::ByteView(probe).first(length), 1)).has_value(), length >= needed)
          << length;
    }
  }
}

TEST(Unreachable, IsNothingElse) {
  const base::Bytes probe = probe_packet(kV4);
  EXPECT_FALSE(unreachable_of(error_about(kV4, probe, 4)));  // fragmentation needed
  Ends exceeded = kV4;
  exceeded.type = 11;
  EXPECT_FALSE(unreachable_of(error_about(exceeded, probe, 0)));
  EXPECT_FALSE(unreachable_of(probe));
  base::Bytes ikev2 = probe;
  ikev2[20 + 8 + 17] = 0x20;
  EXPECT_FALSE(unreachable_of(error_about(kV4, ikev2, 3)));
  base::Bytes elsewhere = probe;
  elsewhere[23] = 1;  // destination port 257
  EXPECT_FALSE(unreachable_of(error_about(kV4, elsewhere, 3)));
  base::Bytes fragment = error_about(kV4, probe, 3);
  fragment[6] = 0x20;  // more fragments
  EXPECT_FALSE(unreachable_of(fragment));
}

}  // namespace
}  // namespace wire
