#include <gtest/gtest.h>

#include "policy/carve.hpp"
#include "policy/ports.hpp"
#include "unit/policy/build.hpp"

namespace policy_test {

using policy::DataPlane;
using policy::exact;
using policy::port_block;

const auto kWeb = flow("tcp 10.1.0.5:40000 > 10.2.0.7:443");

TEST(PortBlock, IsTheLargestAlignedPowerOfTwo) {
  EXPECT_EQ(port_block(ports("any"), 443), ports("any"));
  EXPECT_EQ(port_block(ports("1-65535"), 443), ports("256-511"));
  EXPECT_EQ(port_block(ports("1-65535"), 40000), ports("32768-65535"));
  EXPECT_EQ(port_block(ports("443-444"), 443), ports("443"));
  EXPECT_EQ(port_block(ports("442-443"), 443), ports("442-443"));
  EXPECT_EQ(port_block(ports("0-1"), 0), ports("0-1"));
}

TEST(Exact, KeepsWhatThePlaneTakes) {
  const auto fine = box("tcp", "10.1.0.0/16", "10.0.0.0/8", "32768-65535", "443");
  EXPECT_EQ(exact(fine, kWeb, DataPlane::kKernel), fine);
  const auto range = box("tcp", "10.1.0.0/16", "10.0.0.0/8", "1024-65535", "400-500");
  EXPECT_EQ(exact(range, kWeb, DataPlane::kUserspace), range);
  EXPECT_EQ(exact(range, kWeb, DataPlane::kKernel), box("tcp", "10.1.0.0/16", "10.0.0.0/8", "32768-65535", "416-447"));
}

TEST(Exact, TurnsAMaskIntoThePrefixAroundTheFlow) {
  EXPECT_EQ(exact(box("any", "10.0.0.5/255.0.0.255", "10.0.0.0/8"), kWeb, DataPlane::kUserspace),
            box("any", "10.1.0.5/32", "10.0.0.0/8"));
  EXPECT_EQ(exact(box("any", "0.1.0.0/0.255.0.0", "10.0.0.0/8"), kWeb, DataPlane::kKernel),
            box("any", "10.1.0.0/16", "10.0.0.0/8"));
}

TEST(Exact, GivesPortsAProtocol) {
  EXPECT_EQ(exact(box("any", "10.1.0.0/16", "10.0.0.0/8", "any", "443"), kWeb, DataPlane::kKernel).protocol,
            base::Protocol::kTcp);
}

TEST(Exact, IcmpCodeNeedsItsType) {
  const auto ping = flow("icmp 10.1.0.5:8 > 10.2.0.7:0");
  EXPECT_EQ(exact(box("icmp", "10.1.0.0/16", "10.0.0.0/8", "any", "0"), ping, DataPlane::kUserspace),
            box("icmp", "10.1.0.0/16", "10.0.0.0/8", "8", "0"));
  EXPECT_EQ(exact(box("icmp", "10.1.0.0/16", "10.0.0.0/8", "8-9", "any"), ping, DataPlane::kKernel),
            box("icmp", "10.1.0.0/16", "10.0.0.0/8", "8", "any"));
}

}  // namespace policy_test
