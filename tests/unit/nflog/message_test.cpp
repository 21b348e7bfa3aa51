// What the kernel writes, made by hand; reader_test.cpp reads what a kernel did write.
#include "platform/nflog/message.hpp"

#include <gtest/gtest.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <linux/netlink.h>
#include <type_traits>
#include <vector>

namespace nflog {
namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t kPacketMessage = NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET;

void append(base::Bytes& to, base::ByteView bytes) {
  for (const std::uint8_t byte : bytes) to.push_back(byte);
}
void append(base::Bytes& to, const auto& head)
  requires(std::is_trivial_v<std::remove_cvref_t<decltype(head)>>)
{
  append(to, base::ByteView(reinterpret_cast<const std::uint8_t*>(&head), sizeof head));
}

void pad(base::Bytes& bytes) {
  bytes.resize((bytes.size() + 3) / 4 * 4);
}

base::Bytes attribute(std::uint16_t type, const base::Bytes& body) {
  base::Bytes bytes;
  append(bytes, nlattr{static_cast<std::uint16_t>(sizeof(nlattr) + body.size()), type});
  append(bytes, base::ByteView(body));
  pad(bytes);
  return bytes;
}

base::Bytes message(const std::vector<base::Bytes>& attributes, std::uint16_t type = kPacketMessage) {
  base::Bytes body;
  append(body, nfgenmsg{});
  for (const base::Bytes& one : attributes) append(body, base::ByteView(one));
  base::Bytes bytes;
  append(bytes, nlmsghdr{static_cast<std::uint32_t>(sizeof(nlmsghdr) + body.size()), type, 0, 0, 0});
  append(bytes, base::ByteView(body));
  return bytes;
}

base::Bytes operator+(base::Bytes one, const base::Bytes& other) {
  append(one, base::ByteView(other));
  return one;
}

/// The packets in it, and whether all of it was read.
struct Read {
  std::vector<base::Bytes> packets;
  bool malformed = false;
  bool operator==(const Read&) const = default;
};
Read read(base::ByteView datagram) {
  Messages messages(datagram);
  Read found;
  for (Copy copy; messages.next(copy);) found.packets.emplace_back(copy.packet.begin(), copy.packet.end());
  found.malformed = messages.malformed();
  return found;
}

const base::Bytes kPacket{0x45, 1, 2, 3, 4};

TEST(NflogMessage, SaysAllThatIsTold) {
  const base::Bytes bytes =
      message({attribute(NFULA_PREFIX, {'h', 'e', 'l', 'd', 0}), attribute(NFULA_MARK, {0, 0, 3, 0xed}),
               attribute(NFULA_IFINDEX_INDEV, {0, 0, 0, 7}), attribute(NFULA_IFINDEX_OUTDEV, {0, 0, 1, 0}),
               attribute(NFULA_TIMESTAMP, {0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 5}),
               attribute(NFULA_SEQ, {0, 0, 0, 9}), attribute(NFULA_HWTYPE, {0, 1}), attribute(NFULA_PAYLOAD, kPacket)});
  Messages messages(bytes);
  Copy copy;
  ASSERT_TRUE(messages.next(copy));
  EXPECT_EQ(base::Bytes(copy.packet.begin(), copy.packet.end()), kPacket);
  EXPECT_EQ(copy.info.prefix, "held");
  EXPECT_EQ(copy.info.mark, 0x3edU);
  EXPECT_EQ(copy.info.in_interface, 7U);
  EXPECT_EQ(copy.info.out_interface, 256U);
  EXPECT_EQ(copy.info.timestamp, 2s + 5us);
  EXPECT_EQ(copy.sequence, 9U);
  EXPECT_FALSE(messages.next(copy));
  EXPECT_FALSE(messages.malformed());
}

TEST(NflogMessage, OneThatSaysLessLeavesNothingOfTheOneBefore) {
  const base::Bytes bytes = message({attribute(NFULA_MARK, {0, 0, 0, 1}), attribute(NFULA_SEQ, {0, 0, 0, 1}),
                                     attribute(NFULA_PAYLOAD, kPacket)}) +
                            message({});
  Messages messages(bytes);
  Copy copy;
  ASSERT_TRUE(messages.next(copy));
  ASSERT_FALSE(messages.next(copy) && !copy.packet.empty());
  EXPECT_EQ(copy.info.mark, 0U);
  EXPECT_FALSE(copy.sequence);
}

TEST(NflogMessage, SeveralComeInOneDatagram) {
  const base::Bytes one = message({attribute(NFULA_PAYLOAD, kPacket)});
  EXPECT_EQ(read(one + one + message({}, NLMSG_DONE)), (Read{{kPacket, kPacket}, false}));
}

TEST(NflogMessage, WhatIsCutShortIsReadSoFar) {
  const base::Bytes one = message({attribute(NFULA_PAYLOAD, kPacket)});
  const base::Bytes two = one + one;
  for (std::size_t length = one.size() + 1; length < two.size(); ++length) {
    EXPECT_EQ(read(base::ByteView(two).first(length)), (Read{{kPacket}, true})) << length;
  }
}

TEST(NflogMessage, AnAttributeEndsWithItsMessage) {
  base::Bytes bytes = message({attribute(NFULA_PAYLOAD, kPacket)});
  bytes[sizeof(nlmsghdr) + sizeof(nfgenmsg)] = 200;
  EXPECT_EQ(read(bytes), (Read{{}, true}));
  bytes[sizeof(nlmsghdr) + sizeof(nfgenmsg)] = 3;  // shorter than its own head
  EXPECT_EQ(read(bytes), (Read{{}, true}));
}

TEST(NflogMessage, ATimeThatIsNoneIsNone) {
  const auto time_of = [](const base::Bytes& body) {
    const base::Bytes bytes = message({attribute(NFULA_TIMESTAMP, body)});
    Messages messages(bytes);
    Copy copy;
    EXPECT_TRUE(messages.next(copy));
    return copy.info.timestamp;
  };
  EXPECT_EQ(time_of({0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0x0f, 0x42, 0x3f}), 2s + 999'999us);
  EXPECT_FALSE(time_of({0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0x0f, 0x42, 0x40})) << "a million microseconds";
  EXPECT_FALSE(time_of({0, 0xa2, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 5})) << "too late to be counted";
  EXPECT_FALSE(time_of({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 5}));
}

TEST(NflogMessage, WhatIsOfAnotherKindIsMalformed) {
  EXPECT_EQ(read(message({attribute(NFULA_PAYLOAD, kPacket)}, kPacketMessage + 1)), (Read{{}, true}));
  EXPECT_EQ(read(message({attribute(NFULA_TIMESTAMP, {0, 0}), attribute(NFULA_PAYLOAD, kPacket)})),
            (Read{{kPacket}, false}))
      << "a time that is none is no time";
}

}  // namespace
}  // namespace nflog
