#include "config/config.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <string>

#include "config/section.hpp"
#include "unit/config/text.hpp"

namespace config_test {

TEST(Config, HasTheDocumentedDefaults) {
  const auto parsed = config::parse(kHead, "t.toml");
  ASSERT_TRUE(parsed) << parsed.error().front().text();
  config::Config expected;
  expected.gateway.addresses = {base::Address::v4(0xc0000201)};
  expected.gateway.interfaces = {"wan0"};
  expected.ike.psk_file = "/etc/opented/psk";
  EXPECT_EQ(*parsed, expected);
  EXPECT_EQ(parsed->gateway.control, "/run/opented/tedd.sock");
  EXPECT_EQ(parsed->ike.socket, "unix:///run/charon.vici");
  EXPECT_EQ(parsed->gateway.metrics, std::nullopt);
  EXPECT_EQ(parsed->gateway.shield, config::Shield::kOff);
}

TEST(Config, WhoOnlyObservesNeedsNoIke) {
  const std::string gateway = "[gateway]\naddresses = [\"192.0.2.1\"]\ninterfaces = [\"wan0\"]\nmode = \"";
  const auto parsed = config::parse(gateway + "observe\"\n", "t.toml");
  ASSERT_TRUE(parsed) << parsed.error().front().text();
  EXPECT_EQ(parsed->gateway.mode, config::Mode::kObserve);
  EXPECT_EQ(mistakes_of(gateway + "observe\"\n[ike]\n"), mistakes_of(gateway + "protect\"\n[ike]\n"))
      << "what is there is read as ever";
  EXPECT_NE(mistakes_of(gateway + "protect\"\n").find("psk_file"), std::string::npos);
  EXPECT_NE(mistakes_of(gateway + "look\"\n[ike]\npsk_file = \"/k\"\n").find("observe"), std::string::npos);
}

TEST(Config, ReadsEveryKey) {
  const auto parsed = config::parse(
      "[gateway]\naddresses = [\"192.0.2.1\", \"2001:db8::1\"]\ninterfaces = [\"wan0\", \"wan1\"]\n"
      "control = \"/tmp/c\"\nmetrics = \"[::1]:9465\"\nshield = \"generic\"\n"
      "[ike]\nsocket = \"unix:///tmp/v\"\nauth = \"psk\"\npsk_file = \"/k\"\n"
      "esp = [\"aes256gcm16-ecp256\"]\nike = [\"aes256gcm16-prfsha256-ecp256\"]\n",
      "t.toml");
  ASSERT_TRUE(parsed) << parsed.error().front().text();
  EXPECT_EQ(parsed->gateway.addresses.size(), 2U);
  EXPECT_EQ(parsed->gateway.control, "/tmp/c");
  EXPECT_EQ(parsed->gateway.metrics, "[::1]:9465");
  EXPECT_EQ(parsed->gateway.shield, config::Shield::kGeneric);
  EXPECT_EQ(parsed->ike.socket, "unix:///tmp/v");
  EXPECT_EQ(parsed->ike.esp, std::vector<std::string>{"aes256gcm16-ecp256"});
  EXPECT_EQ(parsed->ike.ike, std::vector<std::string>{"aes256gcm16-prfsha256-ecp256"});
}

TEST(Config, ReportsEveryMistakeInTheOrderOfTheFile) {
  const std::string text =
      "[gateway]\n"
      "addresses = [\"192.0.2.1\", \"192.0.2.1\", 7]\n"
      "interface = [\"wan0\"]\n"
      "metrics = \"9465\"\n"
      "[ike]\n"
      "auth = \"pks\"\n"
      "[[rule]]\n"
      "name = \"a b\"\n"
      "action = \"protect\"\n"
      "local = [\"10.1.0.5/16\"]\n"
      "remote = \"10.0.0.0/8\"\n"
      "[rules]\n";
  EXPECT_EQ(
      mistakes_of(text),
      "t.toml:1:1: [gateway] has no 'interfaces' (write interfaces = [\"wan0\"])\n"
      "t.toml:2:27: the address '192.0.2.1' is given twice (leave one of them out)\n"
      "t.toml:2:40: 'addresses' must be a list of strings, not an integer (tedd.toml(5) says what each key takes)\n"
      "t.toml:3:1: [gateway] has the unknown key 'interface' (did you mean 'interfaces'?)\n"
      "t.toml:4:11: '9465' is not HOST:PORT (write \"127.0.0.1:9465\" or \"[::1]:9465\", or leave it out for no "
      "metrics)\n"
      "t.toml:5:1: [ike] has no 'psk_file' (write psk_file = \"/etc/opented/psk\")\n"
      "t.toml:6:8: 'pks' is no value of 'auth' (did you mean 'psk'?)\n"
      "t.toml:8:8: 'a b' is not a rule name (a name has 1 to 64 letters, digits, '.', '_' and '-')\n"
      "t.toml:10:10: '10.1.0.5/16' has host bits set behind the prefix (the network is 10.1.0.0/16, the one host "
      "10.1.0.5)\n"
      "t.toml:11:10: 'remote' must be a list of strings, not a string (write remote = [\"10.0.0.0/8\"])\n"
      "t.toml:12:2: the file has the unknown key 'rules' (did you mean 'rule'?)\n");
}

TEST(Config, NamesThePlaceOfBrokenSyntax) {
  EXPECT_TRUE(mistakes_of("[gateway]\nx = \n").starts_with("t.toml:2:"));
  EXPECT_NE(mistakes_of(std::string("\x00\xff", 2)), "");
  EXPECT_TRUE(mistakes_of("\t\u00e6").starts_with("t.toml:1:2:"));
}

TEST(Config, BrokenSyntaxThatIsCommonComesWithItsCause) {
  const auto ends_with = [](const std::string& text, std::string_view end) {
    const std::string said = mistakes_of(text);
    return said.contains(end) ? "" : said;
  };
  EXPECT_EQ(ends_with("[gateway]\ninterfaces = [\"wan0]\n", "(is a quotation mark missing at the end of this line?)"),
            "");
  EXPECT_EQ(
      ends_with("[rule]\nname = \"a\"\n[rule]\nname = \"b\"\n", "(write [[rule]], with two brackets, above each rule)"),
      "");
}

TEST(Config, RefusesPathsThatCannotWork) {
  const auto with = [](const std::string& gateway, const std::string& ike) {
    return "[gateway]\naddresses = [\"192.0.2.1\"]\ninterfaces = [\"w\"]\n" + gateway + "[ike]\n" + ike;
  };
  const std::string psk = "psk_file = \"/k\"\n";
  EXPECT_EQ(mistakes_of(with("control = \"/" + std::string(106, 'x') + "\"\n", psk)), "");
  EXPECT_NE(mistakes_of(with("control = \"/" + std::string(107, 'x') + "\"\n", psk)), "");
  EXPECT_NE(mistakes_of(with("control = \"run/tedd\"\n", psk)), "");
  EXPECT_NE(mistakes_of(with("control = \"\"\n", psk)), "");
  EXPECT_NE(mistakes_of(with("", "psk_file = \"\"\n")), "");
  EXPECT_NE(mistakes_of(with("", psk + "socket = \"/run/charon.vici\"\n")), "");
  EXPECT_NE(mistakes_of(with("", psk + "socket = \"unix://run\"\n")), "");
}

TEST(Config, ARelativeSecretFileBeginsAtTheFolderOfTheConfiguration) {
  const std::string text = "[gateway]\naddresses = [\"192.0.2.1\"]\ninterfaces = [\"w\"]\n[ike]\npsk_file = \"psk\"\n";
  EXPECT_EQ(config::parse(text, "/etc/opented/tedd.toml")->ike.psk_file, "/etc/opented/psk");
  EXPECT_EQ(config::parse(text, "tedd.toml")->ike.psk_file, "psk");
}

TEST(Config, RefusesMetricsWithoutHostOrPort) {
  for (const std::string metrics : {"localhost:0", ":9465", "127.0.0.1", "127.0.0.1:70000", "::1:", "[::1]", "a b:1"}) {
    EXPECT_NE(mistakes_of("[gateway]\naddresses = [\"192.0.2.1\"]\ninterfaces = [\"w\"]\nmetrics = \"" + metrics +
                          "\"\n[ike]\npsk_file = \"/k\"\n"),
              "")
        << metrics;
  }
}

TEST(Config, ReadsCertificatesBesideTheFile) {
  const auto parsed = config::parse(
      "[gateway]\naddresses = [\"192.0.2.1\"]\ninterfaces = [\"w\"]\n"
      "[ike]\nauth = \"cert\"\ncert = \"gw.pem\"\nkey = \"/k/gw.key\"\nca = [\"ca.pem\", \"other.pem\"]\n"
      "crl = [\"ca.crl\"]\nid = \"gw-a.example\"\nexcess = \"narrow\"\n"
      "[[peer]]\nidentity = \"2001:DB8::1\"\nprefixes = [\"10.2.0.0/16\", \"2001:db8:2::/48\"]\n",
      "/etc/opented/tedd.toml");
  ASSERT_TRUE(parsed.has_value()) << parsed.error().front().text();
  const config::Ike& ike = parsed->ike;
  EXPECT_EQ(ike.auth, config::Auth::kCert);
  EXPECT_EQ(ike.cert, "/etc/opented/gw.pem");
  EXPECT_EQ(ike.key, "/k/gw.key");
  EXPECT_EQ(ike.ca, (std::vector<std::string>{"/etc/opented/ca.pem", "/etc/opented/other.pem"}));
  EXPECT_EQ(ike.crl, std::vector<std::string>{"/etc/opented/ca.crl"});
  EXPECT_EQ(ike.id, "gw-a.example");
  EXPECT_EQ(ike.excess, config::Excess::kNarrow);
  ASSERT_EQ(parsed->peers.size(), 1U);
  EXPECT_EQ(parsed->peers[0].identity, "2001:db8::1");
  EXPECT_EQ(parsed->peers[0].prefixes.text(), "10.2.0.0/16, 2001:db8:2::/48");
}

TEST(Config, CertificatesNeedTheirFiles) {
  const std::string head = "[gateway]\naddresses = [\"192.0.2.1\"]\ninterfaces = [\"w\"]\n[ike]\nauth = \"cert\"\n";
  EXPECT_EQ(mistakes_of(head),
            "t.toml:4:1: [ike] has no 'ca' (write ca = [\"ca.pem\"])\n"
            "t.toml:4:1: [ike] has no 'cert' (write cert = \"gw.pem\")\n"
            "t.toml:4:1: [ike] has no 'key' (write key = \"gw.key\")\n");
  EXPECT_EQ(mistakes_of(head + "cert = \"\"\nkey = \"k\"\nca = []\n"),
            "t.toml:6:8: 'cert' names no file (write cert = \"gw.pem\")\n"
            "t.toml:8:6: 'ca' is empty (name at least one)\n");
}

TEST(Config, PeersAreNamedOnceAndNeedCertificates) {
  const std::string cert =
      "[gateway]\naddresses = [\"192.0.2.1\"]\ninterfaces = [\"w\"]\n"
      "[ike]\nauth = \"cert\"\ncert = \"c\"\nkey = \"k\"\nca = [\"a\"]\n";
  const std::string peer = "[[peer]]\nidentity = \"gw-b\"\nprefixes = [\"10.2.0.0/16\"]\n";
  EXPECT_EQ(mistakes_of(cert + peer), "");
  EXPECT_EQ(mistakes_of(cert + peer + peer),
            "t.toml:13:12: the peer 'gw-b' is given twice (write all of its prefixes in one [[peer]])\n");
  EXPECT_EQ(mistakes_of(cert + "[[peer]]\nname = \"gw-b\"\nprefixes = [\"10.2.0.1/16\"]\n"),
            "t.toml:9:1: a peer has no 'identity' (write identity = \"gw-b.example\")\n"
            "t.toml:10:1: a peer has the unknown key 'name' (there are: identity, prefixes)\n"
            "t.toml:11:13: '10.2.0.1/16' has host bits set behind the prefix (the network is 10.2.0.0/16, the one host "
            "10.2.0.1)\n");
  EXPECT_EQ(
      mistakes_of(kHead + peer),
      "t.toml:6:1: [[peer]] needs auth = \"cert\" in [ike] (with one secret for all, each peer can say that it is "
      "any other)\n");
}

TEST(Config, LoadsAFileAndNamesOneItCannot) {
  const std::string path = testing::TempDir() + "opented-config-test.toml";
  std::ofstream(path) << kHead;
  EXPECT_TRUE(config::load(path));
  EXPECT_EQ(config::load("/nowhere/tedd.toml").error().front().text(),
            "/nowhere/tedd.toml: cannot be read: No such file or directory (is the path right? tedd reads "
            "/etc/opented/tedd.toml unless --config "
            "names another)");
  EXPECT_EQ(config::load("/tmp").error().front().text(),
            "/tmp: cannot be read: Is a directory (name the file, not its folder)");
  EXPECT_EQ(config::load("/dev/zero").error().front().text(),
            "/dev/zero: is larger than 256 MiB (name a configuration)");
}

TEST(Closest, GuessesOnlyWhatIsNear) {
  EXPECT_EQ(config::closest("remote_prot", {"remote", "remote_port", "local_port"}), "remote_port");
  EXPECT_EQ(config::closest("zebra", {"remote", "remote_port", "local_port"}), "");
  EXPECT_EQ(config::closest(std::string(100000, 'x'), {"remote"}), "");
}

}  // namespace config_test
