// Who may speak for what, by certificates and by the configuration.
#include "daemon/authoriser.hpp"

#include <gtest/gtest.h>

#include "daemon/credentials.hpp"
#include "unit/pki/authority.hpp"

namespace tedd {
namespace {

using pki::Holder;
using pki::kNow;

struct Judge : testing::Test {
  Holder ca = pki::root([] {
    pki::Wanted what = pki::wanted("ca");
    what.blocks = pki::blocks({"10.0.0.0/8"});
    return what;
  }());
  Authoriser authoriser;

  [[nodiscard]] pki::Certificate gateway(const char* name, std::optional<base::AddressSet> blocks,
                                         const Holder* by = nullptr) const {
    pki::Wanted what = pki::wanted(name);
    what.dns_names = {name};
    what.addresses = {*base::Address::parse("192.0.2.2")};
    what.blocks = std::move(blocks);
    return issued(what, by == nullptr ? ca : *by).certificate;
  }
  void use(std::vector<config::Peer> peers = {}, const std::vector<std::string>& revoked = {}) {
    const pki::Folder folder;
    pki::TrustStore trust = pki::trusting({&ca});
    if (!revoked.empty()) {
      const auto list = pki::revoke(ca.certificate, ca.key, {}, revoked, kNow, kNow + pki::days(7));
      EXPECT_TRUE(trust.add_revocations(folder.write("ca.crl", *list)).has_value());
    }
    Holder own = issued(pki::wanted("own"), ca);
    authoriser.use(std::make_shared<const pki::Credentials>(
                       pki::Credentials{{own.certificate}, std::move(own.key), std::move(trust), "CN=own"}),
                   peers, config::Excess::kRefuse);
  }
  [[nodiscard]] engine::Authorisation judge(const std::string& identity, const std::vector<pki::Certificate>& listed) {
    std::vector<base::Bytes> ders;
    for (const auto& one : listed) ders.push_back(one.der());
    return authoriser.judge(identity, ders, kNow).authorisation;
  }
};

TEST_F(Judge, BlocksSayWhatAPeerMaySpeakFor) {
  use();
  const auto may = judge("gw-b.example", {gateway("gw-b.example", pki::blocks({"10.2.0.0/16"}))});
  EXPECT_EQ(may.allowed.text(), "10.2.0.0/16");
  EXPECT_EQ(may.identity, "gw-b.example");
}

TEST_F(Judge, WhoHasNeitherBlocksNorPeerMaySpeakForNothing) {
  use();
  const auto may = judge("gw-b.example", {gateway("gw-b.example", std::nullopt)});
  EXPECT_TRUE(may.allowed.empty());
  EXPECT_EQ(may.basis, "its certificate has no address blocks, and no [[peer]] names it");
}

TEST_F(Judge, APeerIsNamedByAnyNameOfItsCertificate) {
  for (const char* name : {"gw-b.example", "GW-B.example", "192.0.2.2", "CN=gw-b.example"}) {
    use({{name, pki::blocks({"10.2.0.0/24"})}});
    EXPECT_EQ(judge("192.0.2.2", {gateway("gw-b.example", std::nullopt)}).allowed.text(), "10.2.0.0/24") << name;
  }
  authoriser = {};
  use({{"gw-c.example", pki::blocks({"10.2.0.0/24"})}});
  EXPECT_TRUE(judge("gw-b.example", {gateway("gw-b.example", std::nullopt)}).allowed.empty());
}

TEST_F(Judge, BlocksBoundWhatTheListGives) {
  use({{"gw-b.example", pki::blocks({"10.2.0.0/16", "10.3.0.0/16"})}});
  EXPECT_EQ(judge("gw-b.example", {gateway("gw-b.example", pki::blocks({"10.2.9.0/24"}))}).allowed.text(),
            "10.2.9.0/24");
}

TEST_F(Judge, OnlyACertificateOfThatIdentityCounts) {
  use();
  EXPECT_TRUE(judge("gw-b.example", {gateway("gw-c.example", pki::blocks({"10.2.0.0/16"}))}).allowed.empty());
  EXPECT_TRUE(judge("*.example", {gateway("gw-c.example", pki::blocks({"10.2.0.0/16"}))}).allowed.empty());
  EXPECT_TRUE(judge("gw-d.example", {}).allowed.empty());
}

// A gateway was given another certificate, and the one of before still holds.
TEST_F(Judge, TheYoungestIsItsAuthoritysLastWord) {
  use();
  pki::Wanted what = pki::wanted("gw-b.example");
  what.dns_names = {"gw-b.example"};
  what.not_before = kNow - pki::days(9);
  what.blocks = pki::blocks({"10.3.0.0/16"});
  const pki::Certificate before = issued(what, ca).certificate;
  const pki::Certificate now = gateway("gw-b.example", pki::blocks({"10.2.0.0/16"}));
  EXPECT_EQ(judge("gw-b.example", {before}).allowed.text(), "10.3.0.0/16");
  EXPECT_EQ(judge("gw-b.example", {now, before}).allowed.text(), "10.2.0.0/16");
}

TEST_F(Judge, SeveralOfOneAgeAllowWhatAllOfThemDo) {
  use();
  const auto both = judge("gw-b.example", {gateway("gw-b.example", pki::blocks({"10.2.0.0/16"})),
                                           gateway("gw-b.example", pki::blocks({"10.2.0.0/24", "10.3.0.0/16"}))});
  EXPECT_EQ(both.allowed.text(), "10.2.0.0/24");
  EXPECT_TRUE(judge("gw-b.example", {gateway("gw-b.example", std::nullopt)}).allowed.empty());
}

// The other one does not take anything away, nor give anything.
TEST_F(Judge, CertificatesOfOthersAreNotAsked) {
  use();
  const Holder stranger = pki::root(pki::wanted("ca"));
  const auto may = judge("gw-b.example", {gateway("gw-b.example", pki::blocks({"10.2.0.0/16"})),
                                          gateway("gw-b.example", std::nullopt, &stranger)});
  EXPECT_EQ(may.allowed.text(), "10.2.0.0/16");
}

TEST_F(Judge, RemembersWhatCharonForgetsAndJudgesItByTheNewLists) {
  use();
  const pki::Certificate one = gateway("gw-b.example", pki::blocks({"10.2.0.0/16"}));
  EXPECT_FALSE(judge("gw-b.example", {one}).allowed.empty());
  EXPECT_FALSE(judge("gw-b.example", {}).allowed.empty());
  use({}, {one.serial()});
  const auto revoked = judge("gw-b.example", {});
  EXPECT_TRUE(revoked.allowed.empty());
  EXPECT_EQ(revoked.basis, "the certificate of CN=gw-b.example has been revoked by CN=ca");
  EXPECT_TRUE(authoriser.judge("gw-b.example", {}, kNow + pki::days(60)).authorisation.allowed.empty());
}

// Certificates of today: the warning goes by the machine's clock.
TEST(OwnBlocks, ARuleBeyondThemIsRemarkedOn) {
  const auto today = [](const char* name, std::initializer_list<const char*> blocks) {
    pki::Wanted what = pki::wanted(name);
    what.not_before = certificate_time() - pki::days(1);
    what.not_after = certificate_time() + pki::days(1);
    what.blocks = pki::blocks(blocks);
    return what;
  };
  const Holder ca = pki::root(today("ca", {"10.0.0.0/8"}));
  Holder own = issued(today("own", {"10.2.0.0/16"}), ca);
  const Credentials credentials{{},
                                std::make_shared<const pki::Credentials>(pki::Credentials{
                                    {own.certificate}, std::move(own.key), pki::trusting({&ca}), "CN=own"})};
  policy::Rule rule;
  rule.name = "sites";
  rule.local = {*base::MaskedAddress::parse("10.2.4.0/24")};
  rule.remote = {*base::MaskedAddress::parse("10.0.0.0/8")};
  EXPECT_TRUE(beyond_own_blocks(credentials, std::vector{rule}).empty());
  rule.local.push_back(*base::MaskedAddress::parse("10.3.0.0/16"));
  const auto remarks = beyond_own_blocks(credentials, std::vector{rule});
  ASSERT_EQ(remarks.size(), 1U);
  EXPECT_EQ(remarks.front().text,
            "rule 'sites' protects 10.3.0.0/16 on this side, and this gateway's certificate gives it 10.2.0.0/16 only: "
            "a peer that asks certificates takes no tunnel for the rest");
  rule.action = policy::Action::kBypass;
  EXPECT_TRUE(beyond_own_blocks(credentials, std::vector{rule}).empty());
  EXPECT_TRUE(beyond_own_blocks({}, std::vector{rule}).empty());
}

}  // namespace
}  // namespace tedd
