#include "platform/pki/certificate.hpp"

#include "authority.hpp"
#include "platform/pki/limits.hpp"

namespace pki {
namespace {

Holder gateway() {
  Wanted what = wanted("Gateway, A");
  what.dns_names = {"gw-a.example"};
  what.addresses = {*base::Address::parse("192.0.2.1"), *base::Address::parse("2001:db8::1")};
  return issued(what, root(wanted("ca")));
}

TEST(Certificate, HasTheNamesOfItsHolder) {
  const Certificate one = gateway().certificate;
  EXPECT_EQ(one.subject(), "CN=Gateway\\, A");
  EXPECT_EQ(one.issuer(), "CN=ca");
  EXPECT_EQ(one.names(), (std::vector<Name>{{NameKind::kDns, "gw-a.example"},
                                            {NameKind::kAddress, "192.0.2.1"},
                                            {NameKind::kAddress, "2001:db8::1"},
                                            {NameKind::kSubject, "CN=Gateway\\, A"}}));
  EXPECT_TRUE(one.is_named("GW-A.example"));
  EXPECT_TRUE(one.is_named("2001:db8::1"));
  EXPECT_TRUE(one.is_named("CN=Gateway\\, A"));
  EXPECT_FALSE(one.is_named("gw-b.example"));
  EXPECT_FALSE(one.is_named("*.example"));
  EXPECT_FALSE(one.is_named(""));
  EXPECT_FALSE(one.is_authority());
  EXPECT_EQ(one.key_kind(), "ECDSA P-256");
}

TEST(Certificate, CallsItsHolderByTheAddressThatItHasElseByDns) {
  const Certificate one = gateway().certificate;
  const std::vector own = {*base::Address::parse("192.0.2.1")};
  const std::vector other = {*base::Address::parse("192.0.2.9")};
  EXPECT_EQ(one.ike_name(own).text, "192.0.2.1");
  EXPECT_EQ(one.ike_name(other).text, "gw-a.example");
  EXPECT_EQ(root(wanted("ca")).certificate.ike_name(own).text, "CN=ca");
}

TEST(Certificate, ReadsWhatItWrites) {
  const Holder ca = root(wanted("ca"));
  base::Bytes both = ca.certificate.pem();
  const base::Bytes second = gateway().certificate.pem();
  both.insert(both.end(), second.begin(), second.end());
  const auto read = Certificate::all_from_pem(both);
  ASSERT_TRUE(read.has_value()) << read.error().message;
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ(read->front(), ca.certificate);
  const Folder folder;
  EXPECT_EQ(Certificate::load(folder.write("ca.der", ca.certificate.der()))->front(), ca.certificate);
}

TEST(Certificate, RefusesWhatIsNone) {
  base::Bytes der = gateway().certificate.der();
  der.push_back(0);
  EXPECT_EQ(Certificate::from_der(der).error().code, ErrorCode::kMalformed);
  der.resize(der.size() / 2);
  EXPECT_EQ(Certificate::from_der(der).error().code, ErrorCode::kMalformed);
  EXPECT_EQ(Certificate::from_der(base::Bytes(kMaxCertificate + 1)).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(Certificate::all_from_pem({}).error().code, ErrorCode::kMalformed);
  EXPECT_EQ(Certificate::all_from_pem(bytes_of("-----BEGIN CERTIFICATE-----\nAAAA\n")).error().code,
            ErrorCode::kMalformed);
  EXPECT_EQ(Certificate::load("/nonexistent/ca.pem").error().code, ErrorCode::kUnreadable);
}

// Whatever byte is damaged: an answer, no crash, and never the same certificate.
TEST(Certificate, SurvivesEachDamagedByte) {
  const Certificate whole = gateway().certificate;
  for (std::size_t i = 0; i < whole.der().size(); ++i) {
    base::Bytes damaged = whole.der();
    damaged[i] ^= 0xffU;
    const auto read = Certificate::from_der(damaged);
    EXPECT_FALSE(read && *read == whole);
  }
}

}  // namespace
}  // namespace pki
