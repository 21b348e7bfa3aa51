// pki ca, gateway, revoke, show.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "platform/pki/private_key.hpp"
#include "platform/pki/trust_store.hpp"
#include "unit/cli/run.hpp"
#include "unit/cli/vectors.hpp"

namespace cli_test {
namespace {

namespace fs = std::filesystem;

pki::Time now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

struct Pki : testing::Test {
  // A folder for each test.
  std::string ca = scratch() + "/" + testing::UnitTest::GetInstance()->current_test_info()->name();

  [[nodiscard]] Outcome make_ca() const {
    return tedctl({"pki", "ca", "--name", "Example CA", "--blocks", "10.0.0.0/8,2001:db8::/32", "--out", ca});
  }
  [[nodiscard]] Outcome make_gateway(const std::string& name, const std::string& blocks) const {
    return tedctl({"pki", "gateway", "--ca", ca, "--name", name, "--address", "192.0.2.1", "--address", "2001:db8::1",
                   "--blocks", blocks, "--out", ca + "/" + name});
  }
};

TEST_F(Pki, WhatItMakesIsTrusted) {
  const auto made = make_ca();
  ASSERT_EQ(made.status, 0) << made.err;
  const auto gateway = make_gateway("gw-a.example", "10.1.0.0/16");
  ASSERT_EQ(gateway.status, 0) << gateway.err;
  const std::string folder = ca + "/gw-a.example";
  EXPECT_NE(gateway.out.find("for 10.1.0.0/16"), std::string::npos) << gateway.out;
  pki::TrustStore store;
  ASSERT_TRUE(store.add_authorities(folder + "/ca.pem").has_value());
  const auto chain = pki::Certificate::load(folder + "/gw-a.example.pem");
  ASSERT_TRUE(chain.has_value());
  const auto verified = store.verify(*chain, now());
  ASSERT_TRUE(verified.has_value()) << verified.error().message;
  EXPECT_EQ(verified->blocks->text(), "10.1.0.0/16");
  EXPECT_TRUE(chain->front().is_named("gw-a.example"));
  EXPECT_TRUE(chain->front().is_named("2001:db8::1"));
  const auto key = pki::PrivateKey::load(folder + "/gw-a.example.key");  // for its owner alone, or it would be refused
  ASSERT_TRUE(key.has_value()) << key.error().message;
  EXPECT_TRUE(key->belongs_to(chain->front()));
}

TEST_F(Pki, ShowsRevocationLists) {
  ASSERT_EQ(make_ca().status, 0);
  ASSERT_EQ(make_gateway("gw-a.example", "10.1.0.0/16").status, 0);
  const std::string certificate = ca + "/gw-a.example/gw-a.example.pem";
  ASSERT_EQ(tedctl({"pki", "revoke", "--ca", ca, certificate}).status, 0);
  const auto text = tedctl({"pki", "show", ca + "/ca.crl"});
  EXPECT_EQ(text.status, 0) << text.err;
  EXPECT_NE(text.out.find("CN=Example CA"), std::string::npos) << text.out;
  const std::string serial = pki::Certificate::load(certificate).value().front().serial();
  EXPECT_NE(text.out.find(serial), std::string::npos) << text.out << serial;
  const auto json = tedctl({"--json", "pki", "show", ca + "/ca.crl", certificate});
  EXPECT_NE(json.out.find(R"("revoked":[")" + serial + R"("]})"), std::string::npos) << json.out;
  EXPECT_NE(json.out.find(R"("subject":"CN=gw-a.example")"), std::string::npos) << json.out;
  EXPECT_EQ(tedctl({"pki", "show", ca + "/ca.key"}).status, 1);
}

TEST_F(Pki, DecodeNamesWhoSigned) {
  ASSERT_EQ(make_ca().status, 0);
  ASSERT_EQ(make_gateway("gw-a.example", "10.1.0.0/16").status, 0);
  const auto real = pki::Certificate::load(ca + "/gw-a.example/gw-a.example.pem").value().front();
  const auto all = vectors("probe.vec");
  const auto signed_one = std::ranges::find(all, "signature", &Vector::name);
  ASSERT_NE(signed_one, all.end());
  std::string json = tedctl({"--json", "decode", signed_one->hex}).out;
  EXPECT_NE(json.find(R"("signer":null)"), std::string::npos) << "that one's is no certificate: " << json;
  const std::string key = R"("certificates":[")";
  const auto from = json.find(key) + key.size();
  json.replace(from, json.find('"', from) - from, base::to_hex(real.der()));
  const std::string length = R"("length":)";
  const auto number = json.find(length) + length.size();
  json.replace(number, json.find_first_of(",}", number) - number, "1200");  // with padding
  const auto datagram = tedctl({"encode"}, json);
  ASSERT_EQ(datagram.status, 0) << datagram.err;
  const std::string hex = datagram.out.substr(0, datagram.out.size() - 1);
  const auto text = tedctl({"decode", hex});
  EXPECT_NE(text.out.find("a signature by 'CN=gw-a.example', with 1 certificate, made at"), std::string::npos)
      << text.out;
  EXPECT_NE(tedctl({"--json", "decode", hex}).out.find(R"("signer":"CN=gw-a.example")"), std::string::npos);
}

TEST_F(Pki, RemarksOnAGatewayWithoutAddresses) {
  ASSERT_EQ(make_ca().status, 0);
  const auto made = tedctl({"pki", "gateway", "--ca", ca, "--name", "gw-b.example", "--address", "192.0.2.2", "--out",
                            ca + "/gw-b.example"});
  EXPECT_EQ(made.status, 0) << made.err;
  EXPECT_NE(made.err.find("gw-b.example gets no addresses"), std::string::npos) << made.err;
}

TEST_F(Pki, GivesNoAddressesThatTheAuthorityHasNot) {
  ASSERT_EQ(make_ca().status, 0);
  const auto refused = make_gateway("gw-a.example", "192.168.0.0/16");
  EXPECT_EQ(refused.status, 1);
  EXPECT_NE(refused.err.find("outside of those of CN=Example CA (10.0.0.0/8"), std::string::npos) << refused.err;
  EXPECT_FALSE(fs::exists(ca + "/gw-a.example"));
}

TEST_F(Pki, AFolderThatCannotBeMadeSaysWhatToDo) {
  const auto outcome = tedctl({"pki", "ca", "--name", "x", "--out", "/proc/x"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_NE(outcome.err.find("give --out a folder"), std::string::npos) << outcome.err;
}

TEST_F(Pki, OverwritesNothing) {
  ASSERT_EQ(make_ca().status, 0);
  const auto again = make_ca();
  EXPECT_EQ(again.status, 1);
  EXPECT_NE(again.err.find("is there already"), std::string::npos) << again.err;
}

TEST_F(Pki, NeedsAnAuthority) {
  const auto refused = make_gateway("gw-a.example", "10.1.0.0/16");
  EXPECT_EQ(refused.status, 1);
  EXPECT_NE(refused.err.find("tedctl pki ca --out " + ca), std::string::npos) << refused.err;
}

TEST_F(Pki, RevokesMoreAndMore) {
  ASSERT_EQ(make_ca().status, 0);
  std::vector<pki::Certificate> gateways;
  for (const char* name : {"gw-a.example", "gw-b.example", "gw-c.example"}) {
    ASSERT_EQ(make_gateway(name, "10.1.0.0/16").status, 0);
    const std::string file = ca + "/" + name + "/" + name + ".pem";
    gateways.push_back(pki::Certificate::load(file)->front());
    if (std::string_view(name) == "gw-c.example") continue;
    const auto revoked = tedctl({"pki", "revoke", "--ca", ca, file});
    ASSERT_EQ(revoked.status, 0) << revoked.err;
  }
  ASSERT_EQ(tedctl({"pki", "revoke", "--ca", ca, "--days", "3"}).status, 0);
  pki::TrustStore store;
  ASSERT_TRUE(store.add_authorities(ca + "/ca.pem").has_value());
  ASSERT_TRUE(store.add_revocations(ca + "/ca.crl").has_value());
  EXPECT_EQ(store.verify(std::vector{gateways[0]}, now()).error().code, pki::ErrorCode::kRevoked);
  EXPECT_EQ(store.verify(std::vector{gateways[1]}, now()).error().code, pki::ErrorCode::kRevoked);
  EXPECT_TRUE(store.verify(std::vector{gateways[2]}, now()).has_value());
  EXPECT_FALSE(store.verify(std::vector{gateways[2]}, now() + std::chrono::days(4)).has_value());
}

TEST_F(Pki, CheckSaysWhatTeddWouldSay) {
  ASSERT_EQ(make_ca().status, 0);
  ASSERT_EQ(make_gateway("gw-a.example", "10.1.0.0/16").status, 0);
  const std::string stem = "gw-a.example/gw-a.example";
  const auto checked = [this](const std::string& ike) {
    const std::string path = ca + "/tedd.toml";
    std::ofstream(path) << "[gateway]\naddresses = [\"192.0.2.1\"]\ninterfaces = [\"wan0\"]\n[ike]\nauth = \"cert\"\n"
                        << ike
                        << "[[rule]]\nname = \"r\"\naction = \"protect\"\nlocal = [\"10.1.0.0/16\"]\nremote = "
                           "[\"10.2.0.0/16\"]\n";
    return tedctl({"check", path});
  };
  const std::string good = "cert = \"" + stem + ".pem\"\nkey = \"" + stem + ".key\"\nca = [\"ca.pem\"]\n";
  EXPECT_EQ(checked(good).status, 0) << checked(good).err;
  EXPECT_NE(checked(good + "id = \"gw-b.example\"\n").err.find("does not name 'gw-b.example'"), std::string::npos);
  const auto wrong = checked("cert = \"" + stem + ".pem\"\nkey = \"ca.key\"\nca = [\"ca.pem\"]\n");
  EXPECT_EQ(wrong.status, 1);
  EXPECT_NE(wrong.err.find("tedd.toml: [ike]: " + ca + "/ca.key is not the key of " + ca + "/" + stem + ".pem"),
            std::string::npos)
      << wrong.err;
  fs::permissions(ca + "/" + stem + ".key", fs::perms(0644));
  EXPECT_NE(checked(good).err.find("chmod 600"), std::string::npos);
}

TEST_F(Pki, ShowsWhatACertificateSays) {
  ASSERT_EQ(make_ca().status, 0);
  ASSERT_EQ(tedctl({"pki", "gateway", "--ca", ca, "--name", "gw-a.example", "--key", "ed25519", "--out", ca}).status,
            0);
  const auto shown = tedctl({"pki", "show", ca + "/ca.pem", ca + "/gw-a.example.pem"});
  EXPECT_EQ(shown.status, 0) << shown.err;
  for (const char* text : {"CN=Example CA", "10.0.0.0/8, 2001:db8::/32", "ECDSA P-256", "gw-a.example, CN=gw-a.example",
                           "Ed25519", "none: it says nothing of addresses"}) {
    EXPECT_NE(shown.out.find(text), std::string::npos) << text << "\n" << shown.out;
  }
  const auto json = tedctl({"--json", "pki", "show", ca + "/ca.pem"});
  EXPECT_EQ(json.out.find(R"([{"subject":"CN=Example CA","issuer":"CN=Example CA","serial":")"), 0U) << json.out;
  EXPECT_EQ(tedctl({"pki", "show", ca + "/ca.key"}).status, 1);
}

}  // namespace
}  // namespace cli_test
