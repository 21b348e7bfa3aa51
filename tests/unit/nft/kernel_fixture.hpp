// The guard and the interception in a kernel: a path whose gateway has them, and one packet at a time.
#pragma once

#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/selector.hpp"
#include "platform/inject/sender.hpp"
#include "platform/nflog/reader.hpp"
#include "platform/nft/client.hpp"
#include "platform/nft/dynamic.hpp"
#include "platform/nft/guard.hpp"
#include "platform/nft/interception.hpp"
#include "platform/nft/replacement.hpp"
#include "support/packets.hpp"
#include "support/path.hpp"

namespace nft_test {

inline base::Address address(const char* text) {
  return base::Address::parse(text).value();
}
inline base::MaskedAddress masked(const char* text) {
  return base::MaskedAddress::parse(text).value();
}
inline base::Flow flow(const char* text) {
  return base::Flow::parse(text).value();
}

inline policy::Rule rule(const char* name, std::vector<const char*> local, std::vector<const char*> remote) {
  policy::Rule made;
  made.name = name;
  for (const char* text : local) made.local.push_back(masked(text));
  for (const char* text : remote) made.remote.push_back(masked(text));
  return made;
}

/// A probe over IPv4 whose UDP header says that it is so long.
inline base::Bytes lying_probe(const base::Flow& way, std::uint16_t udp_length) {
  base::Bytes packet = support::packet_of(way, support::isakmp(240));
  packet[24] = static_cast<std::uint8_t>(udp_length >> 8);
  packet[25] = static_cast<std::uint8_t>(udp_length);
  return packet;
}

/// Where ICMP errors come from: a router of the inside that no rule of a test covers, unless one covers everything.
inline base::Flow error_about(const base::Flow& quoted) {
  const bool v4 = quoted.source.family() == base::Family::kV4;
  return {address(v4 ? "172.16.9.9" : "fd00:5::1"), quoted.source,
          v4 ? base::Protocol::kIcmp : base::Protocol::kIpv6Icmp, static_cast<std::uint16_t>(v4 ? 3 : 1), 0};
}
/// "Unreachable", about `quoted`, which is a packet or the start of one.
inline base::Bytes error_packet(const base::Flow& flow, base::ByteView quoted) {
  return support::packet_of(error_about(flow), quoted);
}

inline constexpr std::uint16_t kCatchGroup = 71;
inline constexpr std::uint16_t kProbeGroup = 72;
inline constexpr std::uint16_t kResponseGroup = 73;

class Kernel : public testing::Test {
 protected:
  void SetUp() override {
    if (std::string why; !path_.lay(why)) GTEST_SKIP() << why;
    from_inside_.emplace(open_sender(path_.inside));
    from_outside_.emplace(open_sender(path_.outside));
    {
      const support::Inside there(path_.outside);
      at_outside_.emplace("host0");
    }
    {
      const support::Inside there(path_.inside);
      at_inside_.emplace("host0");
    }
    make_deaf(path_.inside);
    make_deaf(path_.outside);
    // The first packet of a family waits for its neighbour, and others could overtake it.
    for (const bool outward : {true, false}) wake_neighbours(outward);
    const support::Inside there(path_.gateway);
    client_.emplace(nft::Client::open().value());
  }

  /// Hosts that answer would add packets of their own.
  static void make_deaf(const support::Namespace& host) {
    const support::Inside there(host);
    const auto done = nft::Client::open().value().run(
        "table inet deaf { chain input { type filter hook input priority 0; policy drop; icmpv6 type 133-137 "
        "accept\n}\n}\n");
    ASSERT_TRUE(done) << done.error().message;
  }
  void wake_neighbours(bool outward) {
    const auto way = flow("udp [fd00:1:ffff::1]:9 > [fd00:ffff::1]:9");
    const auto packet = support::packet_of(outward ? way : way.mirrored(), kPayload);
    ASSERT_TRUE((outward ? *from_inside_ : *from_outside_).send(packet));
    ASSERT_TRUE((outward ? *at_outside_ : *at_inside_).until(kPayload)) << "nothing crosses";
    ASSERT_TRUE(cross(outward, {}).empty());
  }

  static inject::Sender open_sender(const support::Namespace& where) {
    const support::Inside there(where);
    auto sender = inject::Sender::open();
    if (!sender) throw std::runtime_error(inject::text(sender.error()));
    return std::move(*sender);
  }
  nflog::Reader open_reader(std::uint16_t group) {
    const support::Inside there(path_.gateway);
    return nflog::Reader::open(group).value();
  }

  nft::GuardOptions options() {
    return {kCatchGroup, {address("192.0.2.1"), address("fd00:2::1")}, "ipsec0", true, {"wan0"}};
  }
  void load(const policy::Snapshot& policy) { put(policy, options(), nullptr, {}); }
  void load_planned(const policy::Snapshot& policy, std::size_t few_lines = policy::kFewLines) {
    const auto plan = policy::plan_guard(policy, few_lines);
    ASSERT_TRUE(plan) << plan.error().message;
    put(policy, options(), *plan ? &**plan : nullptr, {});
  }
  void put(const policy::Snapshot& policy, const nft::GuardOptions& how, const policy::GuardPlan* plan,
           std::span<const nft::Opening> openings) {
    const auto done = nft::replace_guard(*client_, {policy, how, plan, {}, openings});
    ASSERT_TRUE(done) << done.error().message;
    ASSERT_FALSE(done->left) << done->left->message;
    edition_ = done->edition;
  }
  void load_text(const std::string& text) {
    const auto done = client_->run(text);
    ASSERT_TRUE(done) << done.error().message;
  }

  /// Sends the packets, then one that no rule covers, and gives what came out before that one.
  std::vector<base::Bytes> cross(bool outward, const std::vector<base::Bytes>& packets) {
    inject::Sender& sender = outward ? *from_inside_ : *from_outside_;
    support::Capture& capture = outward ? *at_outside_ : *at_inside_;
    for (const auto& packet : packets) {
      const auto sent = sender.send(packet);
      EXPECT_TRUE(sent) << inject::text(sent.error());
    }
    const std::uint64_t number = ++markers_;
    base::Writer marker;
    marker.u64(0x6d61726b65720000);
    marker.u64(number);
    const base::Bytes mark = std::move(marker).take();
    const auto way = outward ? flow("udp 10.1.255.1:9 > 203.0.113.255:9") : flow("udp 203.0.113.255:9 > 10.1.255.1:9");
    EXPECT_TRUE(sender.send(support::packet_of(way, mark)));
    auto arrived = capture.until(mark);
    EXPECT_TRUE(arrived) << "the marker did not arrive";
    std::erase_if(*arrived, [](const base::Bytes& packet) { return !is_ours(packet); });
    return arrived.value_or(std::vector<base::Bytes>{});
  }
  bool passes(const base::Flow& what, bool outward = true) {
    return !cross(outward, {support::packet_of(what, kPayload)}).empty();
  }

  /// Neither neighbour discovery nor MLD of the namespaces themselves.
  static bool is_ours(const base::Bytes& packet) {
    return packet[0] >> 4 != 6 ||
           (packet[6] != 0 && !(packet[6] == 58 && packet[40] >= 130) && packet[8] != 0xfe && packet[8] != 0);
  }

  inline static const base::Bytes kPayload = {0xde, 0xad, 0xbe, 0xef};
  support::Path path_;
  std::optional<inject::Sender> from_inside_;
  std::optional<inject::Sender> from_outside_;
  std::optional<support::Capture> at_outside_;
  std::optional<support::Capture> at_inside_;
  std::optional<nft::Client> client_;
  nft::Edition edition_{};  ///< in force
  std::uint64_t markers_ = 0;
};

/// What reaches a reader before `count` packets came or two seconds are over.
inline std::vector<base::Bytes> read_packets(nflog::Reader& reader, std::size_t count) {
  std::vector<base::Bytes> packets;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(2);
  while (packets.size() < count && std::chrono::steady_clock::now() < deadline) {
    pollfd ready{reader.fd(), POLLIN, 0};
    ::poll(&ready, 1, 100);
    const auto read = reader.read(
        [&](base::ByteView packet, const nflog::PacketInfo&) { packets.emplace_back(packet.begin(), packet.end()); });
    if (!read) break;
  }
  return packets;
}

}  // namespace nft_test
