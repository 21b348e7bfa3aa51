#include "policy/intersection.hpp"

#include <gtest/gtest.h>

#include "unit/policy/build.hpp"

namespace policy_test {

using policy::EmptyPart;
using policy::intersect;

// The example of protocol.md section 2 and of the seed's figure 3B.
TEST(Figure3B, TheSmallerOfTwoNestedNetworks) {
  const auto common =
      intersect(box("any", "10.11.0.0/255.255.0.0", "10.2.0.0/16"), box("any", "10.0.0.0/8", "10.2.0.0/16"));
  EXPECT_EQ(common, box("any", "10.11.0.0/16", "10.2.0.0/16"));
}

TEST(Figure3B, MasksNeedNotBeContiguous) {
  const auto common =
      intersect(box("any", "10.0.0.1/255.0.0.255", "10.0.0.0/8"), box("any", "10.7.0.0/255.255.0.0", "10.0.0.0/8"));
  ASSERT_TRUE(common);
  EXPECT_EQ(common->local.text(), "10.7.0.1/255.255.0.255");
}

TEST(Figure3A, ProtocolAnyYieldsToTheSpecificOne) {
  const auto any = box("any", "10.0.0.0/8", "10.0.0.0/8");
  const auto tcp = box("tcp", "10.0.0.0/8", "10.0.0.0/8");
  EXPECT_EQ(intersect(any, any), any);
  EXPECT_EQ(intersect(any, tcp), tcp);
  EXPECT_EQ(intersect(tcp, any), tcp);
  EXPECT_EQ(intersect(tcp, tcp), tcp);
  EXPECT_EQ(intersect(tcp, box("udp", "10.0.0.0/8", "10.0.0.0/8")), std::unexpected(EmptyPart::kProtocol));
}

TEST(Figure3C, APortThatOneSideGivesStands) {
  const auto none = box("tcp", "10.0.0.0/8", "10.0.0.0/8");
  const auto web = box("tcp", "10.0.0.0/8", "10.0.0.0/8", "any", "443");
  const auto high = box("tcp", "10.0.0.0/8", "10.0.0.0/8", "1024-65535", "400-500");
  EXPECT_EQ(intersect(none, web), web);
  EXPECT_EQ(intersect(web, high), box("tcp", "10.0.0.0/8", "10.0.0.0/8", "1024-65535", "443"));
  EXPECT_EQ(intersect(web, box("tcp", "10.0.0.0/8", "10.0.0.0/8", "any", "80")),
            std::unexpected(EmptyPart::kRemotePort));
  EXPECT_EQ(intersect(high, box("tcp", "10.0.0.0/8", "10.0.0.0/8", "1-1023", "80")),
            std::unexpected(EmptyPart::kLocalPort));
}

TEST(Intersection, NamesTheFirstEmptyPartInTheOrderOfTheFigures) {
  const auto mine = box("tcp", "10.1.0.0/16", "10.2.0.0/16", "1", "1");
  EXPECT_EQ(intersect(mine, box("udp", "10.3.0.0/16", "10.4.0.0/16", "2", "2")), std::unexpected(EmptyPart::kProtocol));
  EXPECT_EQ(intersect(mine, box("tcp", "10.3.0.0/16", "10.4.0.0/16", "2", "2")), std::unexpected(EmptyPart::kLocal));
  EXPECT_EQ(intersect(mine, box("tcp", "10.1.0.0/16", "10.4.0.0/16", "2", "2")), std::unexpected(EmptyPart::kRemote));
  EXPECT_EQ(intersect(mine, box("tcp", "2001:db8::/32", "2001:db8::/32")), std::unexpected(EmptyPart::kLocal));
  EXPECT_EQ(policy::name(EmptyPart::kProtocol), "protocol");
  EXPECT_EQ(policy::name(EmptyPart::kRemotePort), "remote_port");
}

}  // namespace policy_test
