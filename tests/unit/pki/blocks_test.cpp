// RFC 3779: what a certificate may speak for, along the chain.
#include "authority.hpp"

namespace pki {
namespace {

Wanted with(std::string name, std::initializer_list<const char*> prefixes) {
  Wanted all = wanted(std::move(name));
  all.blocks = blocks(prefixes);
  return all;
}

TEST(Blocks, AreThoseOfTheCertificate) {
  const Holder ca = root(with("ca", {"10.0.0.0/8", "2001:db8::/32"}));
  const Holder gateway = issued(with("gw-a", {"10.1.0.0/16", "2001:db8:1::/48"}), ca);
  const auto verified = trusting({&ca}).verify(std::vector{gateway.certificate}, kNow);
  ASSERT_TRUE(verified.has_value()) << verified.error().message;
  EXPECT_EQ(verified->blocks, blocks({"10.1.0.0/16", "2001:db8:1::/48"}));
}

TEST(Blocks, NoneIsNotAnEmptySet) {
  const Holder ca = root(with("ca", {"10.0.0.0/8"}));
  const auto none = trusting({&ca}).verify(std::vector{issued(wanted("gw-a"), ca).certificate}, kNow);
  ASSERT_TRUE(none.has_value()) << none.error().message;
  EXPECT_FALSE(none->blocks.has_value());
}

TEST(Blocks, InheritedAreThoseAbove) {
  const Holder ca = root(with("ca", {"10.0.0.0/8"}));
  Wanted between = wanted("site");
  between.is_authority = true;
  between.inherits_blocks = true;
  const Holder site = issued(between, ca);
  Wanted end = wanted("gw-a");
  end.inherits_blocks = true;
  const Holder gateway = issued(end, site);
  const auto verified = trusting({&ca}).verify(std::vector{gateway.certificate, site.certificate}, kNow);
  ASSERT_TRUE(verified.has_value()) << verified.error().message;
  EXPECT_EQ(verified->blocks, blocks({"10.0.0.0/8"}));
}

TEST(Blocks, OutsideOfTheIssuersAreRefused) {
  const Holder ca = root(with("ca", {"10.0.0.0/8"}));
  const Holder gateway = issued(with("gw-a", {"10.1.0.0/16", "192.168.0.0/16"}), ca);
  const auto verified = trusting({&ca}).verify(std::vector{gateway.certificate}, kNow);
  ASSERT_FALSE(verified.has_value());
  EXPECT_EQ(verified.error().code, ErrorCode::kBlocksOutside);
  EXPECT_EQ(verified.error().message,
            "the certificate of CN=gw-a has address blocks (10.1.0.0/16, 192.168.0.0/16) outside of those of CN=ca "
            "(10.0.0.0/8)");
}

TEST(Blocks, OfAnAuthorityBetweenBindToo) {
  const Holder ca = root(with("ca", {"10.0.0.0/8"}));
  Wanted between = with("site", {"10.1.0.0/16"});
  between.is_authority = true;
  const Holder site = issued(between, ca);
  const Holder gateway = issued(with("gw-b", {"10.2.0.0/16"}), site);
  EXPECT_EQ(why_not(trusting({&ca}), {gateway.certificate, site.certificate}), "blocks-outside");
}

TEST(Blocks, UnderAnAuthorityWithoutAnyAreRefused) {
  const Holder ca = root(wanted("ca"));
  const Holder gateway = issued(with("gw-a", {"10.1.0.0/16"}), ca);
  EXPECT_EQ(why_not(trusting({&ca}), {gateway.certificate}), "blocks-missing");
}

TEST(Blocks, ARootCannotInherit) {
  Wanted what = wanted("ca");
  what.inherits_blocks = true;
  const Holder ca = root(what);
  EXPECT_EQ(why_not(trusting({&ca}), {issued(with("gw-a", {"10.1.0.0/16"}), ca).certificate}), "blocks-missing");
}

}  // namespace
}  // namespace pki
