// What passes where the guard was taken away; skips by name without the right to make namespaces.
#include "kernel_fixture.hpp"
#include "platform/nft/safety_net.hpp"

namespace nft_test {
namespace {

policy::Snapshot sites() {
  auto dns = rule("dns", {"10.1.0.0/16"}, {"10.2.0.0/16"});
  dns.action = policy::Action::kBypass;
  dns.protocol = base::Protocol::kUdp;
  dns.remote_port = base::PortRange::only(53);
  return policy::Snapshot({dns, rule("rest", {"10.1.0.0/16", "fd00:1::/32"}, {"10.2.0.0/16", "fd00:9::/32"})});
}

class Net : public Kernel {
 protected:
  void put_net(const policy::Snapshot& policy) {
    const support::Inside there(path_.gateway);
    if (!net_) net_ = nft::Client::open().value();
    const auto done = net_->run(nft::safety_net_ruleset(policy, tunnel_, outside_));
    ASSERT_TRUE(done) << done.error().message;
  }
  void others(const char* words) {
    const support::Inside there(path_.gateway);
    ASSERT_TRUE(support::run({"nft", words})) << words;
  }
  std::string tunnel_ = "ipsec0";
  std::vector<std::string> outside_ = {"wan0"};
  std::optional<nft::Client> net_;
};

// A gateway between two sites: what one tunnel brought and the other does not carry.
TEST_F(Net, WhatCameOutOfATunnelDoesNotLeaveInTheClear) {
  tunnel_ = "lan0";
  put_net(sites());
  EXPECT_FALSE(passes(flow("udp 10.1.0.2:4000 > 10.2.0.7:54")));
  outside_ = {"dmz0"};
  put_net(sites());
  EXPECT_TRUE(passes(flow("udp 10.1.0.2:4000 > 10.2.0.7:54"))) << "to the inside";
}

TEST_F(Net, DoesNothingWhereTheGuardIsAndAllWhereItIsNot) {
  load(sites());
  put_net(sites());
  const auto dns = flow("udp 10.1.0.2:4000 > 10.2.0.7:53");
  EXPECT_TRUE(passes(dns)) << "exempt";
  EXPECT_TRUE(passes(dns.mirrored(), false));
  EXPECT_FALSE(passes(flow("udp 10.1.0.2:4000 > 10.2.0.7:54")));
  for (const char* taken : {"delete table inet opented", "flush ruleset"}) {
    load(sites());
    others(taken);
    for (const char* text : {"udp 10.1.0.2:4000 > 10.2.0.7:53", "udp 10.1.0.2:4000 > 10.2.0.7:54",
                             "udp [fd00:1::2]:4000 > [fd00:9::7]:54", "gre 10.1.0.2 > 10.2.0.7"}) {
      EXPECT_FALSE(passes(flow(text))) << text;
      EXPECT_FALSE(passes(flow(text).mirrored(), false)) << text;
    }
    EXPECT_TRUE(passes(flow("udp 10.1.0.2:4000 > 10.3.0.7:54"))) << "no rule covers it";
    EXPECT_TRUE(passes(flow("udp [fd00:1::2]:4000 > [fd00:8::7]:54")));
  }
  load(sites());
  EXPECT_TRUE(passes(dns)) << "the guard is back";
  others("insert rule inet opented forward accept");
  EXPECT_FALSE(passes(flow("udp 10.1.0.2:4000 > 10.2.0.7:54"))) << "what goes past the guard is not judged either";
}

// A router of the inside tells the outside of packets that came out of a tunnel.
TEST_F(Net, ErrorsThatQuoteWhatIsCoveredStayInside) {
  const auto quoting = [](const char* text, std::size_t bytes) {
    const auto quoted = support::packet_of(flow(text), base::Bytes(64));
    return error_packet(flow(text), base::ByteView(quoted).first(bytes));
  };
  const std::vector<base::Bytes> covered = {quoting("udp 10.2.0.7:54 > 10.1.0.2:4000", 28),
                                            quoting("udp 10.2.0.7:54 > 10.1.0.2:4000", 20),
                                            quoting("udp [fd00:9::7]:54 > [fd00:1::2]:4000", 48)};
  const std::vector<base::Bytes> free = {quoting("udp 10.3.0.7:54 > 10.1.0.2:4000", 28),
                                         quoting("udp 10.2.0.7:54 > 10.4.0.2:4000", 28),
                                         quoting("udp [fd00:8::7]:54 > [fd00:1::2]:4000", 48)};
  EXPECT_EQ(cross(true, covered).size(), covered.size()) << "nobody judges";
  put_net(sites());
  EXPECT_EQ(cross(true, covered).size(), 0U);
  EXPECT_EQ(cross(true, free).size(), free.size());
  EXPECT_EQ(cross(true, {quoting("udp 10.3.0.7:54 > 10.1.0.2:4000", 15)}).size(), 0U) << "cannot be read";
  auto fragment = covered.front();
  fragment[7] = 4;  // its offset
  EXPECT_EQ(cross(true, {fragment}).size(), 0U) << "behind the first";
  load(sites());
  EXPECT_EQ(cross(true, {quoting("udp 10.2.0.7:53 > 10.1.0.2:4000", 28)}).size(), 1U) << "the guard knows ports";
  EXPECT_EQ(cross(true, covered).size(), 0U);
  outside_ = {"dmz0"};
  others("flush ruleset");
  put_net(sites());
  EXPECT_EQ(cross(true, covered).size(), covered.size()) << "to the inside";
}

// What the bit says where a tunnel was found, somebody else says here: this kernel may have no tunnels.
TEST_F(Net, WhatLosesItsTunnelOnTheWayOutIsDropped) {
  put_net(sites());
  others(
      "table inet theirs { chain f { type filter hook forward priority 350; udp dport 54 meta mark set 0x80000005; }; "
      "}");
  EXPECT_FALSE(passes(flow("udp 10.1.0.2:4000 > 10.3.0.7:54")));
  others("flush chain inet theirs f");
  EXPECT_TRUE(passes(flow("udp 10.1.0.2:4000 > 10.3.0.7:54")));
}

TEST_F(Net, IsItsOwnersAloneAndGoesWithHim) {
  put_net(sites());
  {
    const support::Inside there(path_.gateway);
    EXPECT_FALSE(client_->run("delete table inet opented_net")) << "somebody else";
  }
  EXPECT_FALSE(passes(flow("udp 10.1.0.2:4000 > 10.2.0.7:54")));
  put_net(policy::Snapshot({rule("other", {"10.1.0.0/16"}, {"10.3.0.0/16"})}));
  EXPECT_TRUE(passes(flow("udp 10.1.0.2:4000 > 10.2.0.7:54")));
  EXPECT_FALSE(passes(flow("udp 10.1.0.2:4000 > 10.3.0.7:54")));
  net_.reset();
  EXPECT_TRUE(passes(flow("udp 10.1.0.2:4000 > 10.3.0.7:54")));
}

// The mark of tedd's own packets lets nothing pass that is no datagram of discovery: anybody with the right may set it.
TEST_F(Net, TheMarkOfWhatTeddSendsAloneLetsNothingPass) {
  auto block = rule("all", {"192.0.2.0/24", "10.1.0.0/16"}, {"10.2.0.0/16"});
  block.action = policy::Action::kBlock;
  load(policy::Snapshot({block}));
  put_net(policy::Snapshot({block}));
  std::optional<inject::Sender> marked;
  {
    const support::Inside there(path_.gateway);
    marked = inject::Sender::open({.mark = nft::kOwnMark}).value();
  }
  const auto way = flow("udp 10.1.0.2:4000 > 10.2.0.7:500");
  const auto probe = support::packet_of(way, support::isakmp(240));
  const std::vector others{support::packet_of(way, kPayload), support::packet_of(way, support::isakmp(34)),
                           support::packet_of(flow("udp 10.1.0.2:4000 > 10.2.0.7:501"), support::isakmp(240)),
                           support::packet_of(flow("tcp 10.1.0.2:4000 > 10.2.0.7:500"), support::isakmp(240))};
  for (const char* taken : {"", "flush ruleset"}) {
    if (*taken != 0) this->others(taken);
    EXPECT_TRUE(marked->send(probe)) << taken;
    for (const base::Bytes& other : others) EXPECT_FALSE(marked->send(other)) << taken;
  }
}

}  // namespace
}  // namespace nft_test
