#include "platform/pki/credentials.hpp"

#include "authority.hpp"

namespace pki {
namespace {

struct OnDisk : testing::Test {
  Folder folder;
  Holder ca = root(wanted("ca"));
  Holder gateway = [this] {
    Wanted what = wanted("gw-a");
    what.dns_names = {"gw-a.example"};
    what.addresses = {*base::Address::parse("192.0.2.1")};
    return issued(what, ca);
  }();
  CredentialFiles files{.certificate = folder.write("gw.pem", gateway.certificate.pem()),
                        .key = folder.write("gw.key", gateway.key.pem().view()),
                        .authorities = {folder.write("ca.pem", ca.certificate.pem())},
                        .revocations = {},
                        .identity = {}};
  std::vector<base::Address> addresses{*base::Address::parse("192.0.2.1")};

  [[nodiscard]] std::string why_not(Time now = kNow) const {
    const auto loaded = load_credentials(files, addresses, now);
    return loaded ? "" : std::string(name(loaded.error().code)) + ": " + loaded.error().message;
  }
};

TEST_F(OnDisk, FitTogether) {
  const auto loaded = load_credentials(files, addresses, kNow);
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  EXPECT_EQ(loaded->identity, "192.0.2.1");
  EXPECT_EQ(loaded->chain.front(), gateway.certificate);
  files.identity = "gw-a.example";
  EXPECT_EQ(load_credentials(files, addresses, kNow)->identity, "gw-a.example");
}

TEST_F(OnDisk, AKeyOfAnotherIsRefused) {
  files.key = folder.write("other.key", ca.key.pem().view());
  EXPECT_EQ(why_not(), "unsuitable: " + files.key + " is not the key of " + files.certificate);
}

TEST_F(OnDisk, ANameThatItDoesNotHaveIsRefused) {
  files.identity = "gw-b.example";
  EXPECT_EQ(why_not(), "unsuitable: " + files.certificate +
                           " does not name 'gw-b.example' (it names 'gw-a.example', '192.0.2.1', 'CN=gw-a')");
}

TEST_F(OnDisk, WhatPeersWouldNotTrustIsRefused) {
  EXPECT_EQ(why_not(kNow + days(40)).find("expired: " + files.certificate + ": the certificate of CN="), 0U);
  files.authorities = {folder.write("other.pem", root(wanted("other")).certificate.pem())};
  EXPECT_EQ(why_not(), "unknown-issuer: " + files.certificate +
                           ": the certificate of CN=gw-a is of no authority that we trust: its issuer is CN=ca");
}

TEST_F(OnDisk, ItsOwnRevocationIsNoticed) {
  const auto list = revoke(ca.certificate, ca.key, {}, {gateway.certificate.serial()}, kNow, kNow + days(7));
  files.revocations = {folder.write("ca.crl", *list)};
  EXPECT_EQ(why_not().find("revoked: "), 0U);
}

}  // namespace
}  // namespace pki
