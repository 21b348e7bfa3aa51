#include "authority.hpp"

namespace pki {
namespace {

struct Revoked : testing::Test {
  Holder ca = root(wanted("ca"));
  Holder good = issued(wanted("good"), ca);
  Holder bad = issued(wanted("bad"), ca);
  Folder folder;

  [[nodiscard]] base::Bytes list(const std::vector<std::string>& serials, base::ByteView before = {}) const {
    auto made = revoke(ca.certificate, ca.key, before, serials, kNow, kNow + days(7));
    EXPECT_TRUE(made.has_value()) << made.error().message;
    return *made;
  }
  [[nodiscard]] TrustStore store(const base::Bytes& pem) const {
    TrustStore made = trusting({&ca});
    const auto added = made.add_revocations(folder.write("ca.crl", pem));
    EXPECT_TRUE(added.has_value()) << added.error().message;
    return made;
  }
};

TEST_F(Revoked, IsRefusedAndTheOthersAreNot) {
  const TrustStore both = store(list({bad.certificate.serial()}));
  EXPECT_EQ(why_not(both, {bad.certificate}), "revoked");
  EXPECT_EQ(why_not(both, {good.certificate}), "");
  EXPECT_EQ(why_not(trusting({&ca}), {bad.certificate}), "");
  EXPECT_EQ(both.revocation_lists().size(), 1U);
}

TEST_F(Revoked, StaysRevokedInTheNextList) {
  const base::Bytes first = list({bad.certificate.serial()});
  const TrustStore both = store(list({good.certificate.serial(), bad.certificate.serial()}, first));
  EXPECT_EQ(why_not(both, {bad.certificate}), "revoked");
  EXPECT_EQ(why_not(both, {good.certificate}), "revoked");
}

TEST_F(Revoked, AnOldListTellsNothing) {
  const TrustStore old = store(list({}));
  EXPECT_EQ(why_not(old, {good.certificate}, kNow + days(6)), "");
  EXPECT_EQ(why_not(old, {good.certificate}, kNow + days(8)), "revocations-stale");
}

TEST_F(Revoked, AnAuthorityWithoutAListIsNotBoundByOthers) {
  const Holder other = root(wanted("other"));
  TrustStore both = store(list({bad.certificate.serial()}));
  ASSERT_TRUE(both.add_authority(other.certificate).has_value());
  EXPECT_EQ(why_not(both, {issued(wanted("gw"), other).certificate}), "");
  EXPECT_EQ(why_not(both, {bad.certificate}), "revoked");
}

TEST_F(Revoked, AListOfSomebodyElseIsRefused) {
  const Holder other = root(wanted("other"));
  const Holder impostor = root(wanted("ca"));
  const auto foreign = revoke(other.certificate, other.key, {}, {}, kNow, kNow + days(7));
  const auto forged = revoke(impostor.certificate, impostor.key, {}, {}, kNow, kNow + days(7));
  TrustStore made = trusting({&ca});
  EXPECT_EQ(made.add_revocations(folder.write("x.crl", *foreign)).error().code, ErrorCode::kUnknownIssuer);
  EXPECT_EQ(made.add_revocations(folder.write("x.crl", *forged)).error().code, ErrorCode::kWrongSignature);
  EXPECT_EQ(made.add_revocations(folder.write("x.crl", bytes_of("no list"))).error().code, ErrorCode::kMalformed);
  EXPECT_EQ(revoke(ca.certificate, ca.key, *foreign, {}, kNow, kNow + days(7)).error().code,
            ErrorCode::kWrongSignature);
}

}  // namespace
}  // namespace pki
