#include "platform/nft/guard.hpp"

#include "golden.hpp"
#include "platform/nft/safety_net.hpp"

namespace nft_test {
namespace {

using policy::Action;
using policy::Rule;
using policy::Snapshot;

Rule rule(const char* name, const char* local, const char* remote) {
  Rule made;
  made.name = name;
  made.local = {base::MaskedAddress::parse(local).value()};
  made.remote = {base::MaskedAddress::parse(remote).value()};
  return made;
}

constexpr nft::Edition kEdition{3};

nft::GuardOptions options() {
  return {7, {base::Address::parse("192.0.2.1").value()}, {}, true, {"wan0"}};
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Guard, NoRules) {
  expect_golden(nft::guard_ruleset(Snapshot(), options(), kEdition), "no_rules.nft");
}

TEST(Guard, ProtectBypassAndBlockInOrder) {
  auto printer = rule("printer", "10.1.0.0/24", "10.0.0.77/255.0.0.255");
  printer.action = Action::kBypass;
  auto web = rule("branch-web", "10.1.0.0/16", "10.0.0.0/8");
  web.protocol = base::Protocol::kTcp;
  web.remote_port = base::PortRange::only(443);
  web.on_failure = policy::OnFailure::kBypass;
  auto rest = rule("rest", "10.1.0.0/16", "10.0.0.0/8");
  rest.action = Action::kBlock;
  auto userspace = options();
  userspace.tunnel_interface = "ipsec0";
  expect_golden(nft::guard_ruleset(Snapshot({printer, web, rest}), userspace, kEdition), "three_rules.nft");
}

TEST(SafetyNet, IsAroundWhatIsBlockedOrProtected) {
  auto exempt = rule("exempt", "10.1.0.0/24", "192.0.2.0/24");
  exempt.action = Action::kBypass;
  auto block = rule("block", "10.1.7.0/24", "10.9.0.77/255.255.0.255");
  block.action = Action::kBlock;
  const Snapshot policy({exempt, rule("web", "10.1.0.0/24", "10.2.0.0/16"), block, rule("six", "fd00:1::/32", "::/0")});
  expect_golden(nft::safety_net_ruleset(policy, "ipsec0", std::vector<std::string>{"wan0"}), "safety_net.nft");
  EXPECT_FALSE(contains(nft::safety_net_ruleset(Snapshot(), "ipsec0", {}), "saddr"));
}

TEST(Guard, LocalPortsJoinTheFlowsThatAreToldApart) {
  auto server = rule("server", "10.1.0.0/16", "10.0.0.0/8");
  server.protocol = base::Protocol::kTcp;
  EXPECT_FALSE(contains(nft::guard_ruleset(Snapshot({server}), options(), kEdition), "th sport . th dport"));
  server.local_port = base::PortRange::only(443);
  EXPECT_TRUE(contains(nft::guard_ruleset(Snapshot({server}), options(), kEdition), "th sport . th dport"));
}

TEST(Guard, WithoutDiscoveryNothingIsReported) {
  auto quiet = rule("quiet", "10.1.0.0/16", "10.0.0.0/8");
  quiet.discover = false;
  quiet.on_failure = policy::OnFailure::kBypass;
  const auto text = nft::guard_ruleset(Snapshot({quiet}), options(), kEdition);
  EXPECT_TRUE(contains(text, "counter name \"blocked\" drop comment \"quiet: protect, no tunnel, discovery off\""));
  EXPECT_FALSE(contains(text, "open4_0"));
}

TEST(Guard, AFirstPacketThatIsHeldIsCopiedWhole) {
  auto held = rule("held", "10.1.0.0/16", "10.0.0.0/8");
  const auto dropped = nft::guard_ruleset(Snapshot({held}), options(), kEdition);
  EXPECT_TRUE(contains(dropped, "goto catch.3 comment \"held: protect, no tunnel\""));
  EXPECT_FALSE(contains(dropped, "hold.3"));
  EXPECT_FALSE(contains(dropped, "released, and"));
  held.first_packet = policy::FirstPacket::kHold;
  const auto text = nft::guard_ruleset(Snapshot({held}), options(), kEdition);
  EXPECT_TRUE(contains(text, "goto hold.3 comment \"held: protect, no tunnel\""));
  EXPECT_TRUE(contains(text, "log prefix \"opented held\" group 7 counter counter name \"no_tunnel\" drop"));
  EXPECT_TRUE(
      contains(text, "log prefix \"opented caught\" group 7 snaplen 256 counter counter name \"no_tunnel\" drop"))
      << "what is too much";
  const auto output = text.substr(text.find("chain output.3"));
  EXPECT_LT(output.find("meta mark { 1006, 1007 } counter counter name \"released\" drop"), output.find("IGMP"))
      << "what may leave as this machine's own may not as what it forwards";
  held.on_failure = policy::OnFailure::kBypass;
  EXPECT_TRUE(contains(nft::guard_ruleset(Snapshot({held}), options(), kEdition), "\t\tgoto hold.3\n"))
      << "what is not open yet";
}

TEST(Guard, WithoutReassemblyFragmentsAreDroppedWherePortsMatter) {
  auto web = rule("web", "10.1.0.0/16", "10.0.0.0/8");
  web.protocol = base::Protocol::kTcp;
  web.remote_port = base::PortRange::only(443);
  auto exempt = web;
  exempt.name = "exempt";
  exempt.action = Action::kBypass;
  auto without = options();
  without.reassemble = false;
  const auto text = nft::guard_ruleset(Snapshot({exempt, web}), without, kEdition);
  EXPECT_FALSE(contains(text, "tproxy"));
  EXPECT_TRUE(contains(
      text, "frag-off & 0x1fff != 0 counter counter name \"fragment\" drop comment \"web: fragment without ports\""));
  EXPECT_FALSE(contains(text, "exempt: fragment")) << "a later line decides";
}

TEST(Guard, WithoutOutsideEverythingForwardedLeaves) {
  auto nowhere = options();
  nowhere.interfaces.clear();
  const auto text = nft::guard_ruleset(Snapshot({rule("all", "10.1.0.0/16", "10.0.0.0/8")}), nowhere, kEdition);
  EXPECT_TRUE(contains(text, "counter accept comment \"TED travels on\"\n\t\tjump leaving.3\n\t}\n"));
  EXPECT_TRUE(contains(text, "rt ipsec missing oifname != \"lo\" icmp type { 3, 4, 5, 11, 12, 31, 40 } jump quoted.3"));
}

TEST(Guard, APlanStandsInPlaceOfLines) {
  const Snapshot policy({rule("all", "10.1.0.0/16", "10.0.0.0/8")});
  const auto text = nft::guard_ruleset(policy, options(), kEdition, nft::Form::kPlan);
  EXPECT_TRUE(contains(text, "\tchain leaving.3 {\n\t}\n"));
  EXPECT_TRUE(contains(text, "\tchain missed.3 {\n\t\tcounter counter name \"missed\" drop"));
  EXPECT_TRUE(contains(text, "\tchain told.3 {\n\t\tcounter counter name \"quoted\" drop"));
  EXPECT_TRUE(contains(text, "\tchain quoted_exactly.3 {\n\t}\n"));
  EXPECT_FALSE(contains(text, "\"all"));
  auto without = options();
  without.reassemble = false;
  EXPECT_TRUE(contains(nft::guard_ruleset(policy, without, kEdition, nft::Form::kPlan), "\"all"));
}

TEST(Guard, RemovalSucceedsWhenThereIsNone) {
  EXPECT_EQ(nft::remove_guard_ruleset(), "table inet opented\ndelete table inet opented\n");
}

}  // namespace
}  // namespace nft_test
