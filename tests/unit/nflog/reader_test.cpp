// Reads copies in namespaces of its own; skips by name without the right to make them.
#include "platform/nflog/reader.hpp"

#include "../nft/kernel_fixture.hpp"

namespace nft_test {
namespace {

class Reader : public Kernel {
 protected:
  void log_everything(const std::string& how) {
    load_text(
        "table inet copies { chain forward { type filter hook forward priority 0; policy accept; udp dport 53 log " +
        how + "\n}\n}");
  }
  const base::Bytes packet_ = support::packet_of(flow("udp 10.1.0.2:4000 > 10.2.0.7:53"), base::Bytes(1400, 0x41));
};

TEST_F(Reader, SaysWhatTheKernelSays) {
  auto reader = open_reader(kCatchGroup);
  log_everything("prefix \"hello there\" group 71");
  EXPECT_EQ(cross(true, {packet_}).size(), 1U) << "a copy holds nothing up";
  unsigned lan = 0;
  unsigned wan = 0;
  {
    const support::Inside there(path_.gateway);
    lan = if_nametoindex("lan0");
    wan = if_nametoindex("wan0");
  }
  const auto read = reader.read([&](base::ByteView packet, const nflog::PacketInfo& info) {
    EXPECT_EQ(packet.size(), packet_.size());
    EXPECT_EQ(packet[8], 63) << "the forward hook comes behind the gateway's hop";
    EXPECT_EQ(info.in_interface, lan);
    EXPECT_EQ(info.out_interface, wan);
    EXPECT_EQ(info.mark, 0U);
    EXPECT_EQ(info.prefix, "hello there");
  });
  EXPECT_EQ(read.value(), 1U);
  EXPECT_EQ(reader.read([](auto, const auto&) { FAIL(); }).value(), 0U) << "nothing waits, and nothing blocks";
}

TEST_F(Reader, CopiesNoMoreThanItIsTold) {
  const support::Inside there(path_.gateway);
  auto reader = nflog::Reader::open(kCatchGroup, {.copy_bytes = 100, .receive_buffer = 1 << 20}).value();
  log_everything("group 71");
  cross(true, {packet_});
  const auto packets = read_packets(reader, 1);
  ASSERT_EQ(packets.size(), 1U);
  EXPECT_EQ(packets[0].size(), 100U);
}

TEST_F(Reader, AnswersAreBounded) {
  auto reader = open_reader(kCatchGroup);
  log_everything("group 71");
  cross(true, std::vector<base::Bytes>(10, packet_));
  std::size_t packets = 0;
  const auto count = [&](base::ByteView, const nflog::PacketInfo&) { ++packets; };
  EXPECT_EQ(reader.read(count, 4).value(), 4U);
  EXPECT_EQ(reader.read(count, 4).value(), 4U);
  EXPECT_EQ(reader.read(count, 4).value(), 2U);
  EXPECT_EQ(packets, 10U);
}

TEST_F(Reader, LossesAreCounted) {
  const support::Inside there(path_.gateway);
  auto reader = nflog::Reader::open(kCatchGroup, {.receive_buffer = 16 << 10}).value();
  log_everything("group 71");
  cross(true, std::vector<base::Bytes>(200, packet_));
  // What was sent has been copied or lost by now: everything runs on one CPU.
  const auto before = reader.read([](auto, const auto&) {}, 1000).value();
  EXPECT_LT(before, 200U);
  EXPECT_GE(reader.counters().overruns, 1U);
  // The next packet that comes shows how many are missing.
  cross(true, {packet_});
  EXPECT_EQ(read_packets(reader, 1).size(), 1U);
  EXPECT_EQ(reader.counters().lost, 200 - before);
  EXPECT_EQ(reader.counters().malformed, 0U);
}

TEST_F(Reader, AGroupHasOneReader) {
  auto first = std::make_optional(open_reader(kCatchGroup));
  const support::Inside there(path_.gateway);
  const auto second = nflog::Reader::open(kCatchGroup);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, nflog::ErrorCode::kGroupBusy) << nflog::text(second.error());
  EXPECT_TRUE(nflog::Reader::open(kCatchGroup + 1)) << "another group is free";
  first.reset();
  EXPECT_TRUE(nflog::Reader::open(kCatchGroup));
}

}  // namespace
}  // namespace nft_test
