#include "platform/vici/selector_text.hpp"

#include <gtest/gtest.h>

#include "platform/vici/config.hpp"

namespace {

using base::PortRange;
using base::Protocol;
using base::Selector;
using vici::ErrorCode;

base::MaskedAddress net(const char* text) {
  return base::MaskedAddress::parse(text).value();
}

Selector selector(std::optional<Protocol> protocol, PortRange local = {}, PortRange remote = {}) {
  return {protocol, net("10.1.0.0/24"), net("10.2.0.0/16"), local, remote};
}

std::string written(const Selector& what) {
  const auto ends = vici::to_ts(what);
  return ends ? ends->local + " " + ends->remote : std::string(name(ends.error().code));
}

TEST(SelectorText, WritesWhatCharonTakes) {
  EXPECT_EQ(written(selector(std::nullopt)), "10.1.0.0/24 10.2.0.0/16");
  EXPECT_EQ(written(selector(Protocol::kTcp)), "10.1.0.0/24[6] 10.2.0.0/16[6]");
  EXPECT_EQ(written(selector(Protocol::kTcp, {}, PortRange::only(443))), "10.1.0.0/24[6] 10.2.0.0/16[6/443]");
  EXPECT_EQ(written(selector(Protocol::kUdp, {1000, 2000}, {0, 53})), "10.1.0.0/24[17/1000-2000] 10.2.0.0/16[17/0-53]");
  EXPECT_EQ(written({std::nullopt, net("2001:db8::/32"), net("::/0"), {}, {}}), "2001:db8::/32 ::/0");
}

TEST(SelectorText, IcmpTypeAndCodeAreOneNumberAtBothEnds) {
  const auto icmp = [](PortRange type, PortRange code) { return written(selector(Protocol::kIcmp, type, code)); };
  EXPECT_EQ(icmp({}, {}), "10.1.0.0/24[1] 10.2.0.0/16[1]");
  EXPECT_EQ(icmp({0, 255}, {0, 255}), "10.1.0.0/24[1] 10.2.0.0/16[1]");
  EXPECT_EQ(icmp({8, 8}, {0, 0}), "10.1.0.0/24[1/2048] 10.2.0.0/16[1/2048]");
  EXPECT_EQ(icmp({8, 8}, {}), "10.1.0.0/24[1/2048-2303] 10.2.0.0/16[1/2048-2303]");
  EXPECT_EQ(icmp({3, 5}, {}), "10.1.0.0/24[1/768-1535] 10.2.0.0/16[1/768-1535]");
  EXPECT_EQ(icmp({3, 3}, {1, 4}), "10.1.0.0/24[1/769-772] 10.2.0.0/16[1/769-772]");
  EXPECT_EQ(icmp({3, 5}, {1, 1}), "selector_ports");
  EXPECT_EQ(icmp({300, 300}, {}), "selector_ports");
}

TEST(SelectorText, RefusesWhatNoTunnelCanCarry) {
  Selector masked = selector(std::nullopt);
  masked.remote = net("10.0.0.77/255.0.0.255");
  EXPECT_EQ(written(masked), "selector_mask");
  EXPECT_EQ(written(selector(std::nullopt, PortRange::only(1))), "selector_ports");
  EXPECT_EQ(written(selector(Protocol::kGre, {}, PortRange::only(1))), "selector_ports");
  EXPECT_EQ(written(selector(static_cast<Protocol>(0))), "selector_ports") << "IKEv2 reads 0 as any";
}

std::vector<Selector> read(std::vector<std::string> local, std::vector<std::string> remote) {
  return vici::from_ts(local, remote).value();
}

TEST(SelectorText, ReadsWhatItWrites) {
  const std::vector<Selector> all = {selector(std::nullopt), selector(Protocol::kTcp, {}, PortRange::only(443)),
                                     selector(Protocol::kUdp, {1000, 2000}, {53, 54}),
                                     selector(static_cast<Protocol>(200)), selector(Protocol::kIcmp)};
  for (const Selector& what : all) {
    const auto ends = vici::to_ts(what).value();
    EXPECT_EQ(read({ends.local}, {ends.remote}), std::vector{what}) << what.text();
  }
}

TEST(SelectorText, ReadsCharonsWords) {
  EXPECT_EQ(read({"10.1.0.0/24[tcp]"}, {"10.2.0.0/16[tcp/https]"}),
            std::vector{selector(Protocol::kTcp, {}, PortRange::only(443))});
  EXPECT_EQ(read({"10.1.0.0/24[udp/1000-2000]"}, {"10.2.0.0/16[udp/domain]"}),
            std::vector{selector(Protocol::kUdp, {1000, 2000}, PortRange::only(53))});
  EXPECT_EQ(read({"10.1.0.0/24[icmp/8]"}, {"10.2.0.0/16[icmp/8]"}),
            std::vector{selector(Protocol::kIcmp, {8, 8}, {0, 0})});
  EXPECT_EQ(read({"10.1.0.0/24[icmp/3(4)]"}, {"10.2.0.0/16[icmp/3(4)]"}),
            std::vector{selector(Protocol::kIcmp, {3, 3}, {4, 4})});
  EXPECT_EQ(read({"10.1.0.0/24[icmp/8-8(255)]"}, {"10.2.0.0/16[icmp/8-8(255)]"}),
            std::vector{selector(Protocol::kIcmp, {8, 8}, {})});
  EXPECT_EQ(read({"10.1.0.0/24"}, {"10.2.0.0/16[tcp/443]"}),
            std::vector{selector(Protocol::kTcp, {}, PortRange::only(443))});
}

TEST(SelectorText, PairsEveryLocalWithEveryFittingRemote) {
  EXPECT_EQ(read({"10.1.0.0/24", "10.3.0.0/24", "2001:db8::/32"}, {"10.2.0.0/16", "::/0"}).size(), 3U);
  EXPECT_EQ(read({"10.1.0.0/24[tcp]", "10.1.0.0/24[udp]"}, {"10.2.0.0/16[tcp]", "10.2.0.0/16[udp]"}).size(), 2U);
  EXPECT_TRUE(read({}, {"10.2.0.0/16"}).empty());
}

TEST(SelectorText, NamesWhatItCannotRead) {
  const auto code = [](std::string local, std::string remote = "10.2.0.0/16") {
    const auto result = vici::from_ts(std::vector{std::move(local)}, std::vector{std::move(remote)});
    return result ? std::string("none") : result.error().text();
  };
  EXPECT_EQ(code("10.1.0.1..10.1.0.9"), "address_range: 10.1.0.1..10.1.0.9");
  EXPECT_EQ(code("10.1.0.1..10.1.0.9[tcp]"), "address_range: 10.1.0.1..10.1.0.9[tcp]");
  EXPECT_EQ(code("dynamic"), "selector_text: dynamic");
  EXPECT_EQ(code(""), "selector_text");
  EXPECT_EQ(code("10.1.0.0/24["), "selector_text: 10.1.0.0/24[");
  EXPECT_EQ(code("10.1.0.0/24[nosuchprotocol]"), "selector_text: 10.1.0.0/24[nosuchprotocol]");
  EXPECT_EQ(code("10.1.0.0/24[0/443]"), "selector_ports: 10.1.0.0/24[0/443]");
  EXPECT_EQ(code("10.1.0.0/24[tcp/OPAQUE]"), "selector_ports: 10.1.0.0/24[tcp/OPAQUE]");
  EXPECT_EQ(code("10.1.0.0/24[tcp/2000-1000]"), "selector_ports: 10.1.0.0/24[tcp/2000-1000]");
  EXPECT_EQ(code("10.1.0.0/24[icmp/3(1)-5(2)]").substr(0, 14), "selector_ports");
}

TEST(Child, IsAProductOrNothing) {
  Selector other = selector(std::nullopt);
  other.local = net("10.9.0.0/24");
  const auto two = vici::child_of("c", std::vector{selector(std::nullopt), other, other});
  ASSERT_TRUE(two);
  EXPECT_EQ(two->local_ts, (std::vector<std::string>{"10.1.0.0/24", "10.9.0.0/24"}));
  EXPECT_EQ(two->remote_ts, (std::vector<std::string>{"10.2.0.0/16"}));
  other.remote = net("10.8.0.0/24");
  EXPECT_EQ(vici::child_of("c", std::vector{selector(std::nullopt), other}).error().code,
            ErrorCode::kSelectorNotProduct);
  EXPECT_EQ(vici::child_of("c", {}).error().code, ErrorCode::kSelectorNotProduct);
}

}  // namespace
