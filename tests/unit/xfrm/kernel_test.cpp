// The kernel's own IPsec policies, in a namespace of its own; skips by name without the right to make one.
#include <gtest/gtest.h>

#include "platform/xfrm/policies.hpp"
#include "support/netns.hpp"

namespace xfrm_test {
namespace {

const std::string kTunnel = "tmpl src 192.0.2.1 dst 192.0.2.2 proto esp reqid 1 mode tunnel";
const std::string kTunnelIn = "tmpl src 192.0.2.2 dst 192.0.2.1 proto esp reqid 1 mode tunnel";

class Kernel : public testing::Test {
 protected:
  void SetUp() override {
    if (!space_.valid()) GTEST_SKIP() << "no right to make a network namespace";
    inside_.emplace(space_);
    if (!support::ip("xfrm policy count")) GTEST_SKIP() << "this kernel has no IPsec policies";
  }
  static void add(const std::string& words) { ASSERT_TRUE(support::ip("xfrm policy add " + words)) << words; }
  /// What is there, the stale ones of which are taken out.
  static std::vector<xfrm::TunnelPolicy> remove(const std::function<bool(const xfrm::TunnelPolicy&)>& is_stale) {
    std::vector<xfrm::TunnelPolicy> seen;
    const auto done = xfrm::remove_policies([&](const xfrm::TunnelPolicy& policy) {
      seen.push_back(policy);
      return is_stale(policy);
    });
    EXPECT_TRUE(done) << done.error();
    return seen;
  }
  static std::size_t left() {
    return remove([](const auto&) { return false; }).size();
  }
  static xfrm::TunnelPolicy policy(const std::string& protocol, const std::string& local, const std::string& remote) {
    return {.selector = {.protocol = protocol.empty() ? std::nullopt : std::optional(*base::parse_protocol(protocol)),
                         .local = *base::MaskedAddress::parse(local),
                         .remote = *base::MaskedAddress::parse(remote),
                         .local_port = {},
                         .remote_port = {}},
            .local = *base::Address::parse("192.0.2.1"),
            .peer = *base::Address::parse("192.0.2.2")};
  }

  support::Namespace space_ = support::Namespace::make();
  std::optional<support::Inside> inside_;
};

TEST_F(Kernel, EveryDirectionIsWrittenFromThisSide) {
  add("src 10.1.0.0/16 dst 10.2.0.0/24 dir out " + kTunnel);
  add("src 10.2.0.0/24 dst 10.1.0.0/16 dir in " + kTunnelIn);
  add("src 10.2.0.0/24 dst 10.1.0.0/16 dir fwd " + kTunnelIn);
  const auto seen = remove([](const auto&) { return true; });
  EXPECT_EQ(seen, std::vector(3, policy("", "10.1.0.0/16", "10.2.0.0/24")));
  EXPECT_EQ(left(), 0U);
}

TEST_F(Kernel, WhatIsNotStaleStays) {
  add("src 10.1.0.0/16 dst 10.2.0.0/24 dir out " + kTunnel);
  add("src 10.1.0.0/16 dst 10.3.0.0/24 dir out " + kTunnel);
  remove([](const auto& one) { return one.selector.remote == *base::MaskedAddress::parse("10.3.0.0/24"); });
  EXPECT_EQ(left(), 1U);
}

TEST_F(Kernel, ProtocolsPortsAndIpv6AreRead) {
  add("src 10.1.0.0/16 dst 10.2.0.0/24 proto tcp dport 443 dir out " + kTunnel);
  auto web = policy("tcp", "10.1.0.0/16", "10.2.0.0/24");
  web.selector.remote_port = base::PortRange::only(443);
  EXPECT_EQ(remove([](const auto&) { return true; }), std::vector{web});
  add("src 2001:db8:1::/48 dst 2001:db8:2::/64 dir out " + kTunnel);
  EXPECT_EQ(remove([](const auto&) { return true; }), std::vector{policy("", "2001:db8:1::/48", "2001:db8:2::/64")});
}

TEST_F(Kernel, WhatIsNoTunnelOfEspIsNotEvenShown) {
  add("src 10.1.0.0/16 dst 10.2.0.0/24 dir out tmpl src 192.0.2.1 dst 192.0.2.2 proto esp mode transport");
  add("src 10.1.0.0/16 dst 10.3.0.0/24 dir out tmpl src 192.0.2.1 dst 192.0.2.2 proto ah mode tunnel");
  add("src 10.1.0.0/16 dst 10.4.0.0/24 dir out action block");
  EXPECT_EQ(left(), 0U);
}

}  // namespace
}  // namespace xfrm_test
