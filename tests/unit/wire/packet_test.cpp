#include "wire/packet.hpp"

#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "unit/wire/build.hpp"

namespace {

base::Bytes bytes(std::string_view hex) {
  return base::from_hex(hex).value();
}

std::string flow_text(base::ByteView packet) {
  const auto found = wire::flow_of(packet);
  return found ? found->text() : "none";
}

// Written by hand from RFC 791 and RFC 8200; the text behind each part says what it is.
const base::Bytes kTcp4 = bytes(
    "4500 0028 0001 4000 4006 0000 0a010005 0a020007"    // 40 bytes, TCP, 10.1.0.5 > 10.2.0.7
    "9c40 01bb 00000000 00000000 5002 0000 0000 0000");  // 40000 > 443
constexpr std::string_view kIpv6Ends = "20010db8000100000000000000000005 20010db8000200000000000000000007";

base::Bytes ipv6(std::string_view length, std::string_view next, std::string_view behind) {
  return bytes("60000000" + std::string(length) + std::string(next) + "40" + std::string(kIpv6Ends) +
               std::string(behind));
}

TEST(FlowOf, Ipv4Tcp) {
  EXPECT_EQ(flow_text(kTcp4), "tcp 10.1.0.5:40000 > 10.2.0.7:443");
}

TEST(FlowOf, Ipv4WithOptions) {
  EXPECT_EQ(flow_text(bytes("4600 0020 0001 4000 4011 0000 0a010005 0a020007 94040000 1388 0035 0008 0000")),
            "udp 10.1.0.5:5000 > 10.2.0.7:53");
}

TEST(FlowOf, IcmpTypeAndCode) {
  EXPECT_EQ(flow_text(bytes("4500 001c 0001 0000 4001 0000 0a010005 0a020007 0301 0000 00000000")),
            "icmp 10.1.0.5:3 > 10.2.0.7:1");
}

TEST(FlowOf, EveryCutBehindTheAddressesKeepsTheFlow) {
  for (std::size_t length = 0; length <= kTcp4.size(); ++length) {
    const std::string expected = length < 20   ? "none"
                                 : length < 24 ? "tcp 10.1.0.5:0 > 10.2.0.7:0"
                                               : "tcp 10.1.0.5:40000 > 10.2.0.7:443";
    EXPECT_EQ(flow_text(base::ByteView(kTcp4).first(length)), expected) << length;
  }
}

TEST(FlowOf, FragmentsBehindTheFirstHaveNoPorts) {
  auto packet = kTcp4;
  packet[6] = 0x20;  // more fragments, offset 0: ports are here
  EXPECT_EQ(flow_text(packet), "tcp 10.1.0.5:40000 > 10.2.0.7:443");
  packet[7] = 1;
  EXPECT_EQ(flow_text(packet), "tcp 10.1.0.5:0 > 10.2.0.7:0");
  packet[6] = 0;
  EXPECT_EQ(flow_text(packet), "tcp 10.1.0.5:0 > 10.2.0.7:0");
}

TEST(FlowOf, BytesBehindTheLengthAreNotThePackets) {
  EXPECT_EQ(flow_text(bytes("4500 0016 0001 4000 4006 0000 0a010005 0a020007 9c40 01bb")),
            "tcp 10.1.0.5:0 > 10.2.0.7:0");
  EXPECT_EQ(flow_text(bytes("4500 0000 0001 4000 4006 0000 0a010005 0a020007 9c40 01bb")),
            "tcp 10.1.0.5:40000 > 10.2.0.7:443")
      << "a length of 0 is a segment that is still to be cut";
}

TEST(FlowOf, NoIpPacket) {
  EXPECT_EQ(flow_text({}), "none");
  EXPECT_EQ(flow_text(bytes("4400 0028 0001 4000 4006 0000 0a010005 0a020007 9c4001bb")), "none");
  auto packet = kTcp4;
  packet[0] = 0x55;
  EXPECT_EQ(flow_text(packet), "none");
  EXPECT_EQ(flow_text(base::ByteView(ipv6("0008", "11", "1388003500080000")).first(39)), "none");
}

TEST(FlowOf, Ipv6) {
  EXPECT_EQ(flow_text(ipv6("0008", "11", "1388 0035 0008 0000")), "udp [2001:db8:1::5]:5000 > [2001:db8:2::7]:53");
  EXPECT_EQ(flow_text(ipv6("0008", "3a", "8000 0000 00000000")), "ipv6-icmp [2001:db8:1::5]:128 > [2001:db8:2::7]:0");
}

TEST(FlowOf, Ipv6ExtensionHeaders) {
  const std::string udp = "1388 0035 0008 0000";
  const std::string expected = "udp [2001:db8:1::5]:5000 > [2001:db8:2::7]:53";
  EXPECT_EQ(flow_text(ipv6("0010", "00", "1100 010400000000" + udp)), expected) << "hop by hop";
  EXPECT_EQ(flow_text(ipv6("0018", "3c", "1101 0000 000000000000000000000000" + udp)), expected) << "destination, 16";
  EXPECT_EQ(flow_text(ipv6("0010", "2b", "1100 000000000000" + udp)), expected) << "routing";
  EXPECT_EQ(flow_text(ipv6("0010", "2c", "1100 0001 00000007" + udp)), expected) << "first fragment";
  EXPECT_EQ(flow_text(ipv6("0018", "33", "1102 0000 000000010000000200000003" + udp)), expected) << "ah, 4-byte units";
  EXPECT_EQ(flow_text(ipv6("0010", "2c", "1100 0009 00000007" + udp)), "udp [2001:db8:1::5]:0 > [2001:db8:2::7]:0")
      << "later fragment";
}

TEST(FlowOf, Ipv6HeadersThatEndEarlyKeepTheirNumber) {
  const std::string ends = "2001:db8:1::5 > 2001:db8:2::7";
  EXPECT_EQ(flow_text(ipv6("0008", "3c", "1109 000000000000")), "60 " + ends) << "longer than the packet";
  std::string eight;
  for (int i = 0; i < 7; ++i) eight += "3c00 000000000000";
  const std::string udp = "1388 0035 0008 0000";
  EXPECT_EQ(flow_text(ipv6("0048", "3c", eight + "1100 000000000000" + udp)),
            "udp [2001:db8:1::5]:5000 > [2001:db8:2::7]:53");
  EXPECT_EQ(flow_text(ipv6("0050", "3c", eight + "3c00 000000000000 1100 000000000000" + udp)), "60 " + ends);
}

struct Ends {
  base::Address source;
  base::Address destination;
};

class UdpPacket : public testing::TestWithParam<Ends> {};

INSTANTIATE_TEST_SUITE_P(Families, UdpPacket,
                         testing::Values(Ends{address("10.1.0.5"), address("10.2.0.7")},
                                         Ends{address("2001:db8:1::5"), address("2001:db8:2::7")}));

std::uint16_t sum_of(base::ByteView data, std::uint64_t sum = 0) {
  for (std::size_t i = 0; i < data.size(); ++i) sum += i % 2 == 0 ? std::uint64_t{data[i]} << 8 : data[i];
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

TEST_P(UdpPacket, IsReadAsItWasWritten) {
  const auto& [source, destination] = GetParam();
  for (std::size_t length : {0U, 1U, 207U, 208U, 1400U}) {
    const base::Bytes payload(length, 0xa5);
    const auto packet = wire::udp_packet(source, destination, 40000, 500, payload);
    const auto found = wire::udp_of(packet);
    ASSERT_TRUE(found) << length;
    EXPECT_EQ(found->source, source);
    EXPECT_EQ(found->destination, destination);
    EXPECT_EQ(found->source_port, 40000);
    EXPECT_EQ(found->destination_port, 500);
    EXPECT_EQ(base::Bytes(found->payload.begin(), found->payload.end()), payload);
  }
}

TEST_P(UdpPacket, ChecksumsAddUp) {
  const auto& [source, destination] = GetParam();
  const bool v4 = source.family() == base::Family::kV4;
  for (std::size_t length : {0U, 3U, 208U}) {
    const auto packet = wire::udp_packet(source, destination, 40000, 500, base::Bytes(length, 0x5a));
    const base::ByteView view = packet;
    const std::size_t header = v4 ? 20 : 40;
    if (v4) {
      EXPECT_EQ(sum_of(view.first(20)), 0xffff);
    }
    // Addresses stand right before the UDP header; the pseudo header adds length and protocol to them.
    const std::size_t addresses = v4 ? 8 : 32;
    EXPECT_EQ(sum_of(view.subspan(header - addresses), packet.size() - header + 17), 0xffff) << length;
  }
}

TEST_P(UdpPacket, HopLimitAndDontFragment) {
  const auto packet = wire::udp_packet(GetParam().source, GetParam().destination, 1, 500, {});
  if (GetParam().source.family() == base::Family::kV4) {
    EXPECT_EQ(packet[6], 0x40);
    EXPECT_EQ(packet[8], 64);
  } else {
    EXPECT_EQ(packet[7], 64);
  }
}

TEST_P(UdpPacket, EveryCutAndEveryWrongLengthIsRefused) {
  const auto packet = wire::udp_packet(GetParam().source, GetParam().destination, 1, 500, base::Bytes(20, 1));
  for (std::size_t length = 0; length < packet.size(); ++length) {
    EXPECT_FALSE(wire::udp_of(base::ByteView(packet).first(length))) << length;
  }
  const std::size_t udp_length_at = packet.size() - 28 + 5;
  for (const std::uint8_t length : std::initializer_list<std::uint8_t>{0, 7, 8, 27, 29, 255}) {
    auto wrong = packet;
    wrong[udp_length_at] = length;
    EXPECT_FALSE(wire::udp_of(wrong)) << int{length};
  }
}

TEST_P(UdpPacket, LinkPaddingIsCutOff) {
  auto packet = wire::udp_packet(GetParam().source, GetParam().destination, 1, 500, base::Bytes(3, 1));
  packet.resize(packet.size() + 10);
  const auto found = wire::udp_of(packet);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->payload.size(), 3U);
}

TEST_P(UdpPacket, HopLimitGoesDownToOneAndNoFurther) {
  auto packet = wire::udp_packet(GetParam().source, GetParam().destination, 1, 500, base::Bytes(20, 1));
  const bool v4 = GetParam().source.family() == base::Family::kV4;
  for (int left = 63; left >= 1; --left) {
    ASSERT_TRUE(wire::decrement_hop_limit(packet));
    EXPECT_EQ(packet[v4 ? 8 : 7], left);
    if (v4) {
      EXPECT_EQ(sum_of(base::ByteView(packet).first(20)), 0xffff) << left;
    }
  }
  const auto before = packet;
  EXPECT_FALSE(wire::decrement_hop_limit(packet));
  EXPECT_EQ(packet, before);
  for (std::size_t length : {0U, 1U, 19U}) {
    EXPECT_FALSE(wire::decrement_hop_limit(std::span(packet).first(length)));
  }
}

TEST(UdpOf, FragmentsAndOtherProtocolsAreNone) {
  EXPECT_FALSE(wire::udp_of(kTcp4));
  auto packet = wire::udp_packet(address("10.1.0.5"), address("10.2.0.7"), 1, 500, {});
  packet[6] = 0x20;
  EXPECT_FALSE(wire::udp_of(packet)) << "first fragment";
  const std::string udp = "1388 01f4 0008 0000";
  EXPECT_FALSE(wire::udp_of(ipv6("0010", "2c", "1100 0001 00000007" + udp))) << "first fragment";
  EXPECT_TRUE(wire::udp_of(ipv6("0010", "2c", "1100 0000 00000007" + udp))) << "an atomic fragment is whole";
  EXPECT_TRUE(wire::udp_of(ipv6("0010", "00", "1100 010400000000" + udp))) << "behind hop by hop";
}

TEST(UdpPacketLimits, TooLongIsEmpty) {
  EXPECT_TRUE(wire::udp_packet(address("10.1.0.5"), address("10.2.0.7"), 1, 500, base::Bytes(65508)).empty());
  EXPECT_EQ(wire::udp_packet(address("10.1.0.5"), address("10.2.0.7"), 1, 500, base::Bytes(65507)).size(), 65535U);
}

}  // namespace
