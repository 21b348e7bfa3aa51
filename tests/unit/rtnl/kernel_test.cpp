// The kernel's own tables and messages, in a namespace of its own; skips by name without the right to make one.
#include <algorithm>
#include <array>
#include <gtest/gtest.h>
#include <poll.h>

#include "platform/rtnl/dump.hpp"
#include "platform/rtnl/networks.hpp"
#include "platform/rtnl/watch.hpp"
#include "support/netns.hpp"

namespace rtnl_test {
namespace {

class Kernel : public testing::Test {
 protected:
  void SetUp() override {
    if (!space_.valid()) GTEST_SKIP() << "no right to make a network namespace";
    inside_.emplace(space_);
    for (const char* words :
         {"link set lo up", "link add lan0 type veth peer name lan0end", "link add wan0 type veth peer name wan0end",
          "link set lan0end up", "link set wan0end up", "addr add 10.1.0.1/24 dev lan0",
          "addr add 192.0.2.1/24 dev wan0", "-6 addr add 2001:db8:1::1/64 dev lan0 nodad", "link set lan0 up",
          "link set wan0 up", "route add default via 192.0.2.254"}) {
      ASSERT_TRUE(support::ip(words)) << words;
    }
    ASSERT_TRUE(comes_up("lan0") && comes_up("wan0"));
  }
  /// The carrier is told by a work queue of the kernel: waits for it.
  static bool comes_up(const std::string& name) {
    auto watch = rtnl::Watch::open().value();
    for (int turns = 0; !look(name).up && turns < 50; ++turns) {
      pollfd wait{watch.fd(), POLLIN, 0};
      ::poll(&wait, 1, 100);
      static_cast<void>(watch.read());
    }
    return look(name).up;
  }
  static void others(const std::string& words) { ASSERT_TRUE(support::ip(words)) << words; }
  static rtnl::Interface look(const std::string& name = "lan0") {
    const auto tables = rtnl::dump();
    EXPECT_TRUE(tables) << rtnl::text(tables.error());
    return tables ? rtnl::interfaces_in(*tables, std::array{name}).at(name) : rtnl::Interface{};
  }
  static std::string behind(const std::string& name = "lan0") {
    std::string text;
    const rtnl::Interface found = look(name);
    for (const auto& one : found.networks) text += (text.empty() ? "" : " ") + one.text();
    return text;
  }

  support::Namespace space_ = support::Namespace::make();
  std::optional<support::Inside> inside_;
};

TEST_F(Kernel, ListsWhatIpShows) {
  EXPECT_TRUE(look().up);
  EXPECT_EQ(behind(), "10.1.0.0/24 2001:db8:1::/64");
  EXPECT_EQ(behind("wan0"), "192.0.2.0/24") << "without the default route";
  EXPECT_EQ(behind("lo"), "");
}

TEST_F(Kernel, RoutesOfTheMainTableCount) {
  others("route add 10.5.0.0/16 via 10.1.0.9");
  others("route add 10.6.0.0/16 via 10.1.0.9 table 220");
  others("route add blackhole 10.5.7.0/24");
  others("-6 route add 2001:db8:5::/48 via 2001:db8:1::9");
  others("route add 10.8.0.0/16 nexthop via 192.0.2.9 nexthop via 10.1.0.9");
  EXPECT_EQ(behind(),
            "10.1.0.0/24 10.5.0.0/22 10.5.4.0/23 10.5.6.0/24 10.5.8.0/21 10.5.16.0/20 10.5.32.0/19 10.5.64.0/18 "
            "10.5.128.0/17 10.8.0.0/16 2001:db8:1::/64 2001:db8:5::/48");
  EXPECT_EQ(behind("wan0"), "10.8.0.0/16 192.0.2.0/24") << "a route with two ways is both's";
}

TEST_F(Kernel, InterfacesComeGoAndAreRenamed) {
  EXPECT_EQ(look("lan1"), rtnl::Interface{});
  others("link set lan0 down");
  EXPECT_FALSE(look().up);
  others("link set lan0 name lan1");
  others("link set lan1 up");
  EXPECT_EQ(look(), rtnl::Interface{});
  EXPECT_TRUE(comes_up("lan1"));
  EXPECT_TRUE(behind("lan1").starts_with("10.1.0.0/24")) << behind("lan1");
  others("link del lan1");
  EXPECT_EQ(look("lan1"), rtnl::Interface{});
}

TEST_F(Kernel, APortNamesItsMaster) {
  const auto link = [](std::string_view name) {
    const auto links = rtnl::dump_interfaces().value().links;
    const auto found = std::ranges::find(links, name, &rtnl::Link::name);
    return found == links.end() ? rtnl::Link{} : *found;
  };
  EXPECT_EQ(link("wan0").master, 0U);
  const auto own = rtnl::dump_interfaces().value().addresses;
  const auto outer = base::Address::parse("192.0.2.1").value();
  const auto found = std::ranges::find(own, outer, &rtnl::InterfaceAddress::own);
  ASSERT_NE(found, own.end());
  EXPECT_EQ(found->index, link("wan0").index);
  others("link add br0 type bridge");
  others("link set wan0 master br0");
  EXPECT_NE(link("br0").index, 0U);
  EXPECT_EQ(link("wan0").master, link("br0").index);
  EXPECT_EQ(link("br0").master, 0U);
  EXPECT_EQ(link("br0").kind, "bridge");
  EXPECT_EQ(link("lo").kind, "");
  others("link set wan0 nomaster");
  EXPECT_EQ(link("wan0").master, 0U);
}

TEST_F(Kernel, AnInterfaceWithoutCarrierIsDown) {
  others("link add lan2 type veth peer name end2");
  others("link set lan2 up");
  EXPECT_FALSE(look("lan2").up);
  others("link set end2 up");
  EXPECT_TRUE(comes_up("lan2"));
}

// Messages are queued before `ip` has its answer, so nothing needs to be waited for.
TEST_F(Kernel, WatchHearsWhatDumpWouldShow) {
  auto watch = rtnl::Watch::open().value();
  EXPECT_FALSE(watch.read());
  for (const char* words :
       {"addr add 10.3.0.1/24 dev lan0", "addr del 10.3.0.1/24 dev lan0", "route add 10.5.0.0/16 via 10.1.0.9",
        "route del 10.5.0.0/16", "-6 route add 2001:db8:5::/48 via 2001:db8:1::9", "link set lan0 down",
        "link set lan0 up", "link add lan3 type veth peer name lan3end", "link set lan3 name lan4", "link del lan4"}) {
    others(words);
    EXPECT_TRUE(watch.read()) << words;
  }
  others("route add 10.6.0.0/16 via 192.0.2.9 table 220");
  EXPECT_FALSE(watch.read()) << "another table";
}

TEST_F(Kernel, AnOverrunIsAChange) {
  auto watch = rtnl::Watch::open(1).value();  // the kernel makes it the least that it allows
  for (int i = 0; i < 100; ++i) others("route add 10.6." + std::to_string(i) + ".0/24 via 10.1.0.9 table 220");
  EXPECT_TRUE(watch.read()) << "none of these counts, but nobody can tell any more";
}

TEST_F(Kernel, ThousandsOfRoutesAreListed) {
  std::string batch;
  for (int i = 0; i < 4000; ++i) {
    batch += "route add 10." + std::to_string(64 + i / 250) + "." + std::to_string(i % 250) + ".0/24 via 10.1.0.9\n";
  }
  const std::string file = testing::TempDir() + "rtnl_routes";
  std::FILE* out = std::fopen(file.c_str(), "w");
  ASSERT_NE(out, nullptr);
  std::fputs(batch.c_str(), out);
  std::fclose(out);
  others("-batch " + file);
  EXPECT_EQ(look().networks.size(), 4002U);
}

}  // namespace
}  // namespace rtnl_test
