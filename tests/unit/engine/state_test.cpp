// What the engine remembers costs as little as docs/performance.md says: memory in use before and after many of each.
#include <gtest/gtest.h>
#include <malloc.h>
#include <memory>
#include <vector>

#include "engine/engine.hpp"
#include "engine/limits.hpp"
#include "sim/random.hpp"

namespace engine {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kCount = 4096;
const base::Address kHere = base::Address::v4(0xc0000201);

std::size_t in_use() {
  const auto told = ::mallinfo2();
  return told.uordblks + told.hblkhd;
}

class State : public ::testing::Test {
 protected:
  void SetUp() override {
#ifdef OPENTED_SANITIZED
    GTEST_SKIP() << "a sanitizer has its own heap";
#endif
  }
  /// Nothing but what the engine keeps of the events is left of them.
  template <class EventOf>
  std::size_t bytes_for_each(EventOf event_of) {
    const std::size_t before = in_use();
    for (std::uint32_t i = 0; i < kCount; ++i) {
      now_ += 1ms;  // as many as the pace of all discoveries takes
      engine_.handle(event_of(i), now_);
      drain();
    }
    return (in_use() - before) / kCount;
  }
  void pass(base::Duration span) {
    for (const base::Instant end = now_ + span; engine_.next_deadline() && *engine_.next_deadline() <= end;) {
      now_ = *engine_.next_deadline();
      engine_.on_deadline(now_);
      drain();
    }
  }

 private:
  void drain() {
    while (engine_.next_action()) {
    }
  }
  static std::shared_ptr<const policy::Snapshot> policy_of_test() {
    policy::Rule rule;
    rule.name = "mesh";
    rule.local = {*base::MaskedAddress::parse("10.0.0.0/8")};
    rule.remote = {*base::MaskedAddress::parse("10.0.0.0/8")};
    return std::make_shared<const policy::Snapshot>(std::vector{rule});
  }

  sim::SeededRandom random_{1};
  sim::SeededHash hash_{1};
  base::Instant now_{1h};
  Engine engine_{Settings{.gateways = {kHere}}, policy_of_test(), Ports{random_, hash_}};
};

base::Address host(std::uint32_t number) {
  return base::Address::v4(0x0a010000 + (number << 8) + 10);
}

TEST_F(State, OfAPendingDiscoveryIsAtMost512Bytes) {
  const std::size_t bytes = bytes_for_each([](std::uint32_t i) {
    base::Flow flow = *base::Flow::parse("udp 10.0.0.10:40000 > 10.1.0.10:53");
    flow.source = base::Address::v4(0x0a000000 + i % 100);  // of so many hosts that none of them is busy
    flow.destination = host(i);
    return FlowCaught{flow};
  });
  RecordProperty("bytes", static_cast<int>(bytes));
  EXPECT_GT(bytes, sizeof(Discovery));
  EXPECT_LE(bytes, 512U);
}

TEST_F(State, OfAPeerWithATunnelAndItsPathChecksIsAtMostAKibibyte) {
  const std::size_t bytes = bytes_for_each([](std::uint32_t i) {
    const base::Selector selector{
        std::nullopt, *base::MaskedAddress::parse("10.0.0.0/24"), base::Prefix(host(i), 24), {}, {}};
    return TunnelUp{TunnelId{i + 1}, base::Address::v4(0xc6330000 + i), kHere, {selector}, std::nullopt};
  });
  const std::size_t before = in_use();
  pass(60s);
  const std::size_t all = bytes + (in_use() - before) / kCount;
  RecordProperty("bytes", static_cast<int>(all));
  EXPECT_GT(all, sizeof(Tunnel) + sizeof(Peer));
  EXPECT_LE(all, 1024U);
}

}  // namespace
}  // namespace engine
