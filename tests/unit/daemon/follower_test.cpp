// What lies behind an interface, followed in a namespace of its own; skips by name without the right to make one.
#include "daemon/follower.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <gtest/gtest.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <sys/socket.h>

#include "support/netns.hpp"

namespace tedd_test {
namespace {

using base::Instant;
using tedd::Follower;
using tedd::HeldNetworks;

constexpr Instant kStart{std::chrono::hours(1)};
constexpr base::Duration kMoment = std::chrono::seconds(1);

class Following : public testing::Test {
 protected:
  void SetUp() override {
    if (!space_.valid()) GTEST_SKIP() << "no right to make a network namespace";
    inside_.emplace(space_);
    make("lan0");
    others("addr add 10.1.0.1/24 dev lan0");
    auto networks = follower_.look(kNames, kStart);
    ASSERT_TRUE(networks) << networks.error();
    follower_.adopt(*std::move(networks));
    // The carrier is told by a work queue of the kernel.
    for (int turns = 0; !follower_.held().lost().empty() && turns < 50; ++turns) hear_and_look(kStart);
    ASSERT_TRUE(follower_.held().lost().empty());
    follower_.on_readable();
    ASSERT_TRUE(follower_.look_again(kStart));
  }
  static void make(const std::string& name) {
    others("link add " + name + " type veth peer name " + name + "end");
    others("link set " + name + "end up");
    others("link set " + name + " up");
  }
  static void others(const std::string& words) { ASSERT_TRUE(support::ip(words)) << words; }

  void hear_and_look(Instant now) {
    pollfd wait{*follower_.fd(), POLLIN, 0};
    ::poll(&wait, 1, 100);
    follower_.on_readable();
    const auto looked = follower_.look_again(now);
    EXPECT_TRUE(looked) << looked.error();
  }
  static std::string text(const std::vector<base::Prefix>& networks) {
    std::string all;
    for (const auto& one : networks) {
      if (one.family() == base::Family::kV4) all += (all.empty() ? "" : " ") + one.text();
    }
    return all;
  }
  [[nodiscard]] std::string held() const { return text(follower_.held().networks().at("lan0").held); }
  [[nodiscard]] std::string present() const { return text(follower_.held().networks().at("lan0").present); }
  /// Messages that the kernel could not queue.
  [[nodiscard]] std::uint32_t dropped() const {
    std::array<std::uint32_t, SK_MEMINFO_VARS> memory{};
    socklen_t size = sizeof memory;
    EXPECT_EQ(::getsockopt(*follower_.fd(), SOL_SOCKET, SO_MEMINFO, memory.data(), &size), 0);
    return memory[SK_MEMINFO_DROPS];
  }

  inline static const std::array<std::string, 1> kNames = {"lan0"};
  support::Namespace space_ = support::Namespace::make();
  std::optional<support::Inside> inside_;
  Follower follower_;
};

TEST(Follower, AsksNobodyWhenNoRuleNamesAnInterface) {
  Follower follower;
  EXPECT_TRUE(follower.look({}, kStart));
  EXPECT_FALSE(follower.fd());
  EXPECT_FALSE(follower.next_deadline());
  EXPECT_TRUE(follower.look_again(kStart));
}

TEST_F(Following, AnAddressThatMovesTakesItsNetworkAlong) {
  EXPECT_EQ(held(), "10.1.0.0/24");
  EXPECT_FALSE(follower_.next_deadline());
  others("addr add 10.7.0.1/24 dev lan0");
  others("addr del 10.1.0.1/24 dev lan0");
  follower_.on_readable();
  ASSERT_TRUE(follower_.next_deadline());
  EXPECT_LE(*follower_.next_deadline(), kStart) << "the first change counts at once";
  ASSERT_TRUE(follower_.look_again(kStart));
  EXPECT_EQ(present(), "10.7.0.0/24");
  EXPECT_EQ(held(), "10.7.0.0/24 10.1.0.0/24") << "what closes goes slowly";
  EXPECT_EQ(follower_.next_deadline(), kStart + HeldNetworks::kHold);
  ASSERT_TRUE(follower_.look_again(kStart + HeldNetworks::kHold));
  EXPECT_EQ(held(), "10.7.0.0/24");
  EXPECT_FALSE(follower_.next_deadline());
}

TEST_F(Following, ALinkThatIsGoneIsHeldUntilAnotherOfThatNameHasNetworks) {
  others("link del lan0");
  hear_and_look(kStart);
  EXPECT_EQ(follower_.held().lost(), std::vector<std::string>{"lan0"});
  EXPECT_EQ(present(), "");
  EXPECT_EQ(held(), "10.1.0.0/24");
  EXPECT_FALSE(follower_.next_deadline()) << "however long that takes";
  ASSERT_TRUE(follower_.look_again(kStart + 1000 * HeldNetworks::kHold));
  EXPECT_EQ(held(), "10.1.0.0/24");
  make("lan0");
  others("addr add 10.8.0.1/24 dev lan0");
  const Instant later = kStart + 2000 * HeldNetworks::kHold;
  for (int turns = 0; !follower_.held().lost().empty() && turns < 50; ++turns) hear_and_look(later);
  EXPECT_EQ(present(), "10.8.0.0/24");
  EXPECT_EQ(held(), "10.8.0.0/24 10.1.0.0/24");
  ASSERT_TRUE(follower_.look_again(later + HeldNetworks::kHold));
  EXPECT_EQ(held(), "10.8.0.0/24");
}

TEST_F(Following, ChangesWaitForTheRestThatTheLastOneEarned) {
  follower_.rest(kMoment, kStart);
  others("route add 10.5.0.0/16 via 10.1.0.9");
  follower_.on_readable();
  others("route add 10.6.0.0/16 via 10.1.0.9");
  follower_.on_readable();
  EXPECT_EQ(follower_.next_deadline(), kStart + Follower::kTimesTheCost * kMoment);
  ASSERT_TRUE(follower_.look_again(*follower_.next_deadline()));
  EXPECT_EQ(held(), "10.1.0.0/24 10.5.0.0/16 10.6.0.0/16");
  EXPECT_FALSE(follower_.next_deadline()) << "both were looked at together";
  follower_.retry(kStart);
  EXPECT_EQ(follower_.next_deadline(), kStart + Follower::kRetry);
}

// More changes than the socket has room for: what was told is lost, and what is there is asked for.
TEST_F(Following, AnOverrunIsMadeGood) {
  static constexpr int kRoutes = 12'000;
  const std::string file = testing::TempDir() + "follower_routes";
  std::FILE* out = std::fopen(file.c_str(), "w");
  ASSERT_NE(out, nullptr);
  for (int i = 0; i < kRoutes; ++i) {
    std::fprintf(out, "route add 10.%d.%d.%d/31 via 10.1.0.9\n", 64 + i / 16384, i / 64 % 256, i % 64 * 4);
  }
  std::fclose(out);
  others("-batch " + file);
  EXPECT_GT(dropped(), 0U) << "too few changes for this test";
  follower_.on_readable();
  ASSERT_TRUE(follower_.next_deadline());
  ASSERT_TRUE(follower_.look_again(kStart));
  const auto networks = follower_.held().networks().at("lan0").present;
  const auto count = std::ranges::count(networks, base::Family::kV4, &base::Prefix::family);
  EXPECT_EQ(count, kRoutes + 1);
  EXPECT_FALSE(follower_.next_deadline()) << "nothing of it is left to hear";
}

}  // namespace
}  // namespace tedd_test
