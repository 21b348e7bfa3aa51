// The client and the interception in this kernel.
#include <net/if_arp.h>
#include <sys/ioctl.h>

#include "kernel_fixture.hpp"

namespace nft_test {
namespace {

using policy::Snapshot;

class KernelClient : public Kernel {
 protected:
  nft::InterceptOptions wire() {
    return {kProbeGroup, kResponseGroup, {"wan0"}, {address("192.0.2.1"), address("fd00:2::1")}};
  }
  nft::Client open_client() {
    const support::Inside there(path_.gateway);
    return nft::Client::open().value();
  }
};

TEST_F(KernelClient, AWrongCommandChangesNothingAndSaysWhy) {
  const Snapshot policy({rule("all", {"10.1.0.0/24"}, {"10.2.0.0/16"})});
  load(policy);
  const auto before = client_->list(nft::kGuardTable).value();
  const auto wrong =
      client_->run(nft::guard_ruleset(Snapshot(), options(), nft::Edition{7}) + "add rule inet opented nowhere drop\n");
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().message.find("No such file or directory"), std::string::npos) << wrong.error().message;
  EXPECT_EQ(client_->list(nft::kGuardTable).value(), before);
  const auto syntax = client_->run("table inet opented {");
  ASSERT_FALSE(syntax);
  EXPECT_NE(syntax.error().message.find("syntax error"), std::string::npos) << syntax.error().message;
}

TEST_F(KernelClient, TheGuardComesAndGoes) {
  EXPECT_FALSE(client_->exists(nft::kGuardTable).value());
  EXPECT_FALSE(client_->list(nft::kGuardTable));
  EXPECT_TRUE(client_->delete_guard()) << "none is there, which is no error";
  load(Snapshot());
  EXPECT_TRUE(client_->exists(nft::kGuardTable).value());
  EXPECT_TRUE(client_->delete_guard());
  EXPECT_FALSE(client_->exists(nft::kGuardTable).value());
}

TEST_F(KernelClient, TheInterceptionEndsWithItsClientAndTheGuardStays) {
  const Snapshot policy({rule("all", {"10.1.0.0/24"}, {"10.2.0.0/16"})});
  load(policy);
  {
    auto owner = open_client();
    ASSERT_TRUE(owner.run(nft::interception_ruleset(policy, wire())));
    ASSERT_TRUE(owner.run(nft::interception_ruleset(policy, wire()))) << "the owner replaces its own";
    EXPECT_TRUE(client_->exists(nft::kInterceptionTable).value());
    const auto second = client_->run(nft::interception_ruleset(policy, wire()));
    ASSERT_FALSE(second) << "another owner";
    EXPECT_NE(second.error().message.find("Operation not permitted"), std::string::npos) << second.error().message;
  }
  EXPECT_FALSE(client_->exists(nft::kInterceptionTable).value());
  EXPECT_TRUE(client_->exists(nft::kGuardTable).value());
}

TEST_F(KernelClient, ProbesForOurHostsAreTakenOffTheWireWhole) {
  auto probes = open_reader(kProbeGroup);
  auto owner = open_client();
  auto quiet = rule("quiet", {"10.1.9.0/24"}, {"0.0.0.0/0"});
  quiet.respond = false;
  const Snapshot policy({quiet, rule("all", {"10.1.0.0/24", "fd00:1::/64"}, {"10.2.0.0/16", "fd00:9::/32"})});
  ASSERT_TRUE(owner.run(nft::interception_ruleset(policy, wire())));

  const auto v4 = support::packet_of(flow("udp 10.2.0.7:4000 > 10.1.0.2:500"), support::isakmp(240, 0x10, 900));
  const auto v6 = support::packet_of(flow("udp [fd00:9::7]:4000 > [fd00:1::2]:500"), support::isakmp(240));
  EXPECT_TRUE(cross(false, {v4, v6}).empty());
  const auto taken = read_packets(probes, 2);
  ASSERT_EQ(taken.size(), 2U);
  EXPECT_EQ(taken[0], v4) << "byte for byte, before the gateway touched it";
  EXPECT_EQ(taken[1], v6);

  const std::vector<base::Bytes> others{
      support::packet_of(flow("udp 10.2.0.7:4000 > 10.1.7.2:500"), support::isakmp(240)),        // not our host
      support::packet_of(flow("udp 10.2.0.7:4000 > 10.1.9.2:500"), support::isakmp(240)),        // respond = false
      support::packet_of(flow("udp 10.2.0.7:4000 > 10.1.0.2:500"), support::isakmp(240, 0x20)),  // IKEv2
      support::packet_of(flow("udp 10.2.0.7:4000 > 10.1.0.2:500"), support::isakmp(2)),          // IKEv1
      support::packet_of(flow("udp 10.2.0.7:4000 > 10.1.0.2:501"), support::isakmp(240)),
      support::packet_of(flow("tcp 10.2.0.7:4000 > 10.1.0.2:500"), support::isakmp(240)),
      lying_probe(flow("udp 10.2.0.7:4000 > 10.1.0.2:500"), 4105),
      lying_probe(flow("udp 10.2.0.7:4000 > 10.1.0.2:500"), 35),
  };
  EXPECT_EQ(cross(false, others).size(), others.size());
  EXPECT_TRUE(
      cross(true, {support::packet_of(flow("udp 10.1.0.2:4000 > 10.2.0.7:500"), support::isakmp(240))}).size() == 1U)
      << "what comes from inside is not for us";
  EXPECT_EQ(probes.counters().packets, 2U);
}

/// The interface's Ethernet address.
std::array<std::uint8_t, ETH_ALEN> hardware_address(const support::Namespace& where, const char* interface) {
  const support::Inside there(where);
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq asked{};
  std::string_view(interface).copy(asked.ifr_name, IFNAMSIZ - 1);
  EXPECT_EQ(::ioctl(fd, SIOCGIFHWADDR, &asked), 0);
  ::close(fd);
  std::array<std::uint8_t, ETH_ALEN> address{};
  std::memcpy(address.data(), asked.ifr_hwaddr.sa_data, address.size());
  return address;
}

/// Sends the packet in an Ethernet frame as it is, under these tags of so many VLANs.
void send_tagged(const support::Namespace& from, const std::array<std::uint8_t, ETH_ALEN>& to,
                 const std::vector<std::uint16_t>& vlans, const base::Bytes& packet) {
  base::Writer frame;
  frame.append(to);
  frame.append(base::Bytes{2, 0, 0, 0, 0, 1});
  for (const std::uint16_t vlan : vlans) {
    frame.u16(ETH_P_8021Q);
    frame.u16(vlan);
  }
  frame.u16(packet[0] >> 4 == 4 ? ETH_P_IP : ETH_P_IPV6);
  frame.append(packet);
  const base::Bytes bytes = std::move(frame).take();
  const support::Inside there(from);
  const int fd = ::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  sockaddr_ll where{};
  where.sll_family = AF_PACKET;
  where.sll_ifindex = static_cast<int>(if_nametoindex("host0"));
  const auto sent =
      ::sendto(fd, bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&where), sizeof where);
  EXPECT_EQ(sent, static_cast<ssize_t>(bytes.size()));
  ::close(fd);
}

// The kernel strips a tag that says the priority alone, and takes what is of a VLAN that nobody has for somebody
// else's.
TEST_F(KernelClient, ProbesUnderAPriorityTagAreTakenOffTheWire) {
  auto probes = open_reader(kProbeGroup);
  auto owner = open_client();
  ASSERT_TRUE(owner.run(nft::interception_ruleset(
      Snapshot({rule("all", {"10.1.0.0/24", "fd00:1::/64"}, {"10.2.0.0/16", "fd00:9::/32"})}), wire())));
  const auto gateway = hardware_address(path_.gateway, "wan0");
  constexpr std::uint16_t kPriority = 5U << 13U;
  const auto v4 = support::packet_of(flow("udp 10.2.0.7:4000 > 10.1.0.2:500"), support::isakmp(240));
  const auto v6 = support::packet_of(flow("udp [fd00:9::7]:4000 > [fd00:1::2]:500"), support::isakmp(240));
  const auto of_vlan = support::packet_of(flow("udp 10.2.0.8:4000 > 10.1.0.2:500"), support::isakmp(240));
  send_tagged(path_.outside, gateway, {7}, of_vlan);
  send_tagged(path_.outside, gateway, {kPriority}, v4);
  send_tagged(path_.outside, gateway, {kPriority}, v6);
  send_tagged(path_.outside, gateway, {0, 0}, v4);
  EXPECT_EQ(read_packets(probes, 3), (std::vector<base::Bytes>{v4, v6, v4}));
}

TEST_F(KernelClient, AFragmentedProbeTravelsOn) {
  auto owner = open_client();
  ASSERT_TRUE(owner.run(nft::interception_ruleset(Snapshot({rule("all", {"10.1.0.0/24"}, {"0.0.0.0/0"})}), wire())));
  const auto way = flow("udp 10.2.0.7:4000 > 10.1.0.2:500");
  const base::Bytes body = support::transport(way, support::isakmp(240, 0x10, 964));
  const base::ByteView view(body);
  const std::vector fragments{
      support::ip_packet(way.source, way.destination, way.protocol, view.first(504), {7, 0x2000}),
      support::ip_packet(way.source, way.destination, way.protocol, view.subspan(504), {7, 63})};
  EXPECT_EQ(cross(false, fragments).size(), 2U);
}

TEST_F(KernelClient, ResponsesToOurAddressesAreTakenOffTheWire) {
  auto responses = open_reader(kResponseGroup);
  auto owner = open_client();
  ASSERT_TRUE(owner.run(nft::interception_ruleset(Snapshot(), wire())));
  const auto response = support::packet_of(flow("udp 192.0.2.2:500 > 192.0.2.1:500"), support::isakmp(241));
  const auto transit = support::packet_of(flow("udp 192.0.2.2:500 > 10.1.0.2:500"), support::isakmp(241));
  EXPECT_EQ(cross(false, {response, transit}).size(), 1U);
  const auto taken = read_packets(responses, 1);
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0], response);
}

}  // namespace
}  // namespace nft_test
