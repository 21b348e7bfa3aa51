// What keeps packets out of userspace tunnels, as the kernel has it; skips by name without the right to make
// namespaces.
#include <algorithm>
#include <array>

#include "kernel_fixture.hpp"
#include "platform/nft/beside.hpp"

namespace nft_test {
namespace {

base::Selector to(const char* remote, const char* local) {
  return {.protocol = {}, .local = masked(local), .remote = masked(remote), .local_port = {}, .remote_port = {}};
}
base::Selector to(const char* remote) {
  return to(remote, "10.1.0.0/16");
}

class Beside : public Kernel {
 protected:
  void SetUp() override {
    Kernel::SetUp();
    if (!IsSkipped()) load(policy::Snapshot({rule("all", {"10.1.0.0/16"}, {"10.0.0.0/8"})}));
  }
  void become(std::vector<base::Selector> wanted) {
    const support::Inside there(path_.gateway);
    const auto done = client_->run(nft::behind_update(standing_, wanted, edition_));
    ASSERT_TRUE(done) << done.error().message;
    standing_ = std::move(wanted);
  }
  /// What the kernel has in both sets.
  std::string held() {
    const support::Inside there(path_.gateway);
    const std::string text = client_->list(nft::kGuardTable).value();
    std::string found;
    for (const char* set : {"set behind4", "set behind6"}) {
      const auto from = text.find(set);
      const auto to = text.find("}\n\n", from);
      std::string body = text.substr(from, to - from);
      const auto elements = body.find("elements = {");
      if (elements == std::string::npos) continue;
      for (const char c : body.substr(elements + 12, body.find('}') - elements - 12)) {
        if (c != '\n' && c != '\t') found += c;
      }
    }
    return found;
  }

  std::vector<base::Selector> standing_;
};

TEST_F(Beside, HoldsTheNetworksBehindTunnels) {
  EXPECT_EQ(held(), "");
  become({to("10.3.0.0/16")});
  EXPECT_EQ(held(), " 10.3.0.0/16 ");
  become({to("10.3.0.0/16"), to("10.2.7.0/24"), to("10.3.9.0/24"), to("fd00:7::/48", "fd00:1::/48")});
  EXPECT_EQ(held(), " 10.2.7.0/24, 10.3.0.0/16  fd00:7::/48 ") << "what lies inside another is there";
  become({to("10.2.7.0/24"), to("10.3.9.0/24"), to("fd00:7::/48", "fd00:1::/48")});
  EXPECT_EQ(held(), " 10.2.7.0/24, 10.3.9.0/24  fd00:7::/48 ") << "and stays when the wider one goes";
  become({to("10.2.7.0/24"), to("10.3.9.0/24"), to("10.0.0.0/8")});
  EXPECT_EQ(held(), " 10.0.0.0/8 ");
  become({to("0.0.0.0/0"), to("255.255.255.255/32"), to("::/0", "::/0")});
  EXPECT_EQ(held(), " 0.0.0.0/0  ::/0 ");
  become({to("255.255.255.255/32")});
  EXPECT_EQ(held(), " 255.255.255.255 ");
  become({});
  EXPECT_EQ(held(), "");
}

// The kernel takes a message with so many elements at most: more go in several.
TEST_F(Beside, HoldsVeryMany) {
  std::vector<base::Selector> many;
  for (int i = 0; i < 8'192; ++i) {
    many.push_back(to(("10." + std::to_string(i / 128) + "." + std::to_string(i % 128 * 2) + ".0/24").c_str()));
  }
  become(many);
  EXPECT_EQ(std::ranges::count(held(), ','), 8'191);
}

TEST_F(Beside, MarksWhatGoesThereAndIntoNoTunnel) {
  become({to("203.0.113.0/25")});
  const support::Inside there(path_.gateway);
  load_text(
      "table inet seen {\n chain first { type filter hook prerouting priority 0;\n meta mark set 0x5\n}\n chain routed "
      "{ "
      "type filter hook forward priority 299;\n meta mark 0x40000005 counter comment \"marked\"\n}\n chain last { type "
      "filter hook postrouting priority 400;\n meta mark != 0x5 counter comment \"left so\"\n}\n}\n");
  const auto holds = [&](const char* words) { return client_->list("inet seen").value().contains(words); };
  const auto dns = support::packet_of(flow("udp 10.1.0.2:4000 > 203.0.113.7:53"), kPayload);
  EXPECT_EQ(cross(true, {dns}).size(), 1U);
  EXPECT_TRUE(holds("0x40000005 counter packets 1 ")) << client_->list("inet seen").value();
  load_text(nft::tunnels_ruleset(
      std::array{base::Selector{
          base::Protocol::kUdp, masked("10.1.0.0/16"), masked("203.0.113.0/25"), {}, base::PortRange::only(53)}},
      edition_));
  EXPECT_EQ(cross(true, {dns}).size(), 1U);
  EXPECT_TRUE(holds("0x40000005 counter packets 1 ")) << "it goes into a tunnel now";
  EXPECT_TRUE(holds("!= 0x00000005 counter packets 0 ")) << "nobody else sees the bit";
}

// What has a mark is kept out of tunnels by that mark already, by rules that may compare all of it.
TEST_F(Beside, LeavesTheGatewaysOwnIkeAndDiscoveryTheMarkThatTheyHave) {
  become({to("203.0.113.0/25"), to("fd00:9::/32", "fd00:1::/32")});
  const support::Inside there(path_.gateway);
  load_text(
      "table inet seen {\n chain sent { type filter hook output priority 299;\n meta mark 0x42 counter comment "
      "\"alone\"\n "
      "meta mark & 0x40000000 != 0 counter comment \"beside\"\n}\n}\n");
  const auto holds = [&](const char* words) { return client_->list("inet seen").value().contains(words); };
  auto marked = inject::Sender::open({.mark = 0x42}).value();
  const auto own = [](const char* way) { return support::packet_of(flow(way), kPayload); };
  for (const char* way : {"udp 192.0.2.1:500 > 203.0.113.7:500", "udp 192.0.2.1:4500 > 203.0.113.7:4500",
                          "esp 192.0.2.1 > 203.0.113.7", "udp [fd00:2::1]:4500 > [fd00:9::7]:4500"}) {
    EXPECT_TRUE(marked.send(own(way))) << way;
  }
  EXPECT_TRUE(marked.send(support::packet_of(flow("udp 10.1.0.2:4000 > 203.0.113.7:500"), support::isakmp(240))));
  EXPECT_TRUE(holds("0x00000042 counter packets 5 ")) << client_->list("inet seen").value();
  EXPECT_TRUE(holds("!= 0x00000000 counter packets 0 ")) << client_->list("inet seen").value();
  for (const char* way : {"udp 192.0.2.1:501 > 203.0.113.7:500", "udp 192.0.2.9:500 > 203.0.113.7:500"}) {
    EXPECT_TRUE(marked.send(own(way))) << way;
  }
  auto unmarked = open_sender(path_.gateway);
  EXPECT_TRUE(unmarked.send(own("udp 192.0.2.1:500 > 203.0.113.7:500")));
  EXPECT_TRUE(holds("!= 0x00000000 counter packets 3 ")) << client_->list("inet seen").value();
}

}  // namespace
}  // namespace nft_test
