#include "platform/pki/trust_store.hpp"

#include "authority.hpp"
#include "platform/pki/limits.hpp"

namespace pki {
namespace {

TEST(TrustStore, TrustsEachOfItsAuthoritiesAndNobodyElse) {
  const Holder one = root(wanted("one"));
  const Holder two = root(wanted("two"), KeyKind::kEd25519);
  const Holder three = root(wanted("three"));
  const TrustStore store = trusting({&one, &two});
  EXPECT_EQ(why_not(store, {issued(wanted("gw-a"), one).certificate}), "");
  EXPECT_EQ(why_not(store, {issued(wanted("gw-a"), two).certificate}), "");
  EXPECT_EQ(why_not(store, {issued(wanted("gw-a"), three).certificate}), "unknown-issuer");
  EXPECT_EQ(why_not(store, {three.certificate}), "unknown-issuer");
  EXPECT_EQ(why_not(store, {}), "unknown-issuer");
  EXPECT_EQ(why_not(TrustStore{}, {one.certificate}), "unknown-issuer");
}

// An authority of the same name with another key.
TEST(TrustStore, IsNotDeceivedByAName) {
  const Holder one = root(wanted("one"));
  const Holder impostor = root(wanted("one"));
  EXPECT_NE(why_not(trusting({&one}), {issued(wanted("gw-a"), impostor).certificate}), "");
}

TEST(TrustStore, AsksForDates) {
  const Holder ca = root(wanted("ca"));
  Wanted what = wanted("gw-a");
  what.not_after = kNow + days(2);
  const Holder gateway = issued(what, ca);
  const TrustStore store = trusting({&ca});
  EXPECT_EQ(why_not(store, {gateway.certificate}, kNow + days(3)), "expired");
  EXPECT_EQ(why_not(store, {gateway.certificate}, kNow - days(2)), "not-yet-valid");
  EXPECT_EQ(store.verify(std::vector{gateway.certificate}, kNow + days(3)).error().message,
            "the certificate of CN=gw-a has expired on 2027-01-17T08:00:00Z");
}

TEST(TrustStore, AGatewayIsNoAuthority) {
  const Holder ca = root(wanted("ca"));
  const Holder gateway = issued(wanted("gw-a"), ca);
  TrustStore store = trusting({&ca});
  EXPECT_EQ(store.add_authority(gateway.certificate).error().code, ErrorCode::kUnsuitable);
  const Holder forged = issued(wanted("gw-b"), gateway);
  EXPECT_NE(why_not(store, {forged.certificate, gateway.certificate}), "");
}

TEST(TrustStore, FollowsAChainAndNoLongerOne) {
  const Holder ca = root(wanted("ca"));
  Wanted what = wanted("site");
  what.is_authority = true;
  const Holder site = issued(what, ca);
  what.common_name = "floor";
  const Holder floor = issued(what, site);
  what.common_name = "desk";
  const Holder desk = issued(what, floor);
  const TrustStore store = trusting({&ca});
  EXPECT_EQ(why_not(store, {issued(wanted("gw-a"), floor).certificate, site.certificate, floor.certificate}), "");
  EXPECT_EQ(why_not(store, {issued(wanted("gw-a"), floor).certificate, floor.certificate}), "unknown-issuer");
  EXPECT_NE(
      why_not(store, {issued(wanted("gw-a"), desk).certificate, site.certificate, floor.certificate, desk.certificate}),
      "");
  EXPECT_EQ(why_not(store, std::vector(kMaxChain + 1, ca.certificate)), "too-large");
}

TEST(TrustStore, TrustsAnAuthorityBetweenByItself) {
  const Holder ca = root(wanted("ca"));
  Wanted what = wanted("site");
  what.is_authority = true;
  const Holder site = issued(what, ca);
  EXPECT_EQ(why_not(trusting({&site}), {issued(wanted("gw-a"), site).certificate}), "");
  EXPECT_EQ(why_not(trusting({&site}), {issued(wanted("gw-a"), ca).certificate}), "unknown-issuer");
}

TEST(TrustStore, ReadsAuthoritiesFromAFile) {
  const Holder one = root(wanted("one"));
  const Holder two = root(wanted("two"));
  base::Bytes both = one.certificate.pem();
  const base::Bytes second = two.certificate.pem();
  both.insert(both.end(), second.begin(), second.end());
  const Folder folder;
  TrustStore store;
  const std::string path = folder.write("ca.pem", both);
  ASSERT_TRUE(store.add_authorities(path).has_value());
  ASSERT_TRUE(store.add_authorities(path).has_value());  // the same again
  EXPECT_EQ(store.authorities().size(), 2U);
  EXPECT_EQ(why_not(store, {issued(wanted("gw-a"), two).certificate}), "");
  const std::string gateway = folder.write("gw.pem", issued(wanted("gw-a"), one).certificate.pem());
  EXPECT_EQ(store.add_authorities(gateway).error().message.find(gateway), 0U);
}

}  // namespace
}  // namespace pki
