// check FILE.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "unit/cli/configs.hpp"
#include "unit/cli/run.hpp"

namespace cli_test {
namespace {

/// Golden files must not know where this run put its files.
std::string without_directory(std::string text) {
  const std::string directory = scratch() + "/";
  for (auto at = text.find(directory); at != std::string::npos; at = text.find(directory)) {
    text.erase(at, directory.size());
  }
  return text;
}

TEST(Check, AGoodFileIsGood) {
  const auto file = written("mine.toml", kMine);
  const auto text = tedctl({"check", file});
  EXPECT_EQ(text.status, 0) << text.err;
  EXPECT_TRUE(text.out.ends_with(file + ": good, 4 rules\n")) << text.out;
  const auto json = tedctl({"--json", "check", file});
  EXPECT_EQ(json.status, 0);
  EXPECT_TRUE(json.out.starts_with(
      R"({"ok":true,"rules":4,"errors":[],"shadowed":[],"overlapping":[],"warnings":[{"rule":"web","line":14,)"))
      << json.out;
}

TEST(Check, EveryMistakeHasItsPlace) {
  const auto file = written("bad.toml", config_with(R"([[rule]]
name = "x"
action = "maybe"
local = ["10.0.0.1/8"]
remote = ["any"]
colour = "red"
)"));
  const auto text = tedctl({"check", file});
  EXPECT_EQ(text.status, 1);
  EXPECT_EQ(text.out, "");
  expect_golden("check-bad.txt", without_directory(text.err));
  const auto json = tedctl({"check", file, "--json"});
  EXPECT_EQ(json.status, 1);
  EXPECT_EQ(json.err, "");
  expect_golden("check-bad.json", without_directory(json.out));
  EXPECT_EQ(tedctl({"check", scratch() + "/absent.toml"}).status, 1);
}

std::string with_keys(const std::string& psk, const std::string& key) {
  std::string text = kMine;
  const std::string before = "psk_file = \"/etc/opented/psk\"";
  return text.replace(text.find(before), before.size(),
                      "psk_file = \"" + psk + "\"\n[discovery]\nrequire = false\nkey_file = \"" + key + "\"");
}

std::string secret_file(const char* name, const std::string& content, mode_t mode = 0600) {
  std::string file = written(name, content);
  EXPECT_EQ(::chmod(file.c_str(), mode), 0);
  return file;
}

TEST(Check, ReadsTheKeysOfDiscovery) {
  const auto psk = secret_file("psk", "the secret of all gateways\n");
  const auto said = [&](const std::string& key) {
    const auto run = tedctl({"check", written("keys.toml", with_keys(psk, key))});
    EXPECT_EQ(run.status, 1) << run.out;
    return run.err;
  };
  EXPECT_NE(said(scratch() + "/absent.key").find("[discovery]: key_file '"), std::string::npos);
  EXPECT_NE(said(secret_file("short.key", "fifteen bytes..\n")).find("is shorter than 16 bytes"), std::string::npos);
  EXPECT_NE(said(secret_file("open.key", "a key of enough bytes\n", 0644)).find("is open to other users"),
            std::string::npos);

  const auto good =
      tedctl({"check", written("keys.toml", with_keys(psk, secret_file("a.key", "a key of enough bytes")))});
  EXPECT_EQ(good.status, 0) << good.err;
  EXPECT_EQ(good.out.find("psk_file"), std::string::npos) << good.out;
}

TEST(Check, SaysHowAMissingKeyIsMade) {
  const auto run = tedctl({"check", written("nokey.toml", with_keys("/nowhere/psk", "/nowhere/key"))});
  EXPECT_EQ(run.status, 1);
  EXPECT_NE(run.err.find("(umask 077; openssl rand -base64 32 > /nowhere/key)"), std::string::npos) << run.err;
}

TEST(Check, WarnsOfADiscoveryKeyThatIsTheSharedSecret) {
  const auto psk = secret_file("psk", "the secret of all gateways\n");
  const auto key = secret_file("same.key", "the secret of all gateways");  // the line end is not part of it
  const auto file = written("reused.toml", with_keys(psk, key));
  const auto text = tedctl({"check", file});
  EXPECT_EQ(text.status, 0) << text.err;
  EXPECT_NE(text.out.find("key_file '" + key + "' holds the secret of psk_file '" + psk + "'"), std::string::npos)
      << text.out;
  EXPECT_EQ(text.out.find("the secret of all"), std::string::npos) << "no message shows any of it";
  EXPECT_NE(tedctl({"--json", "check", file}).out.find(R"({"rule":null,"line":0,"message":"[discovery]: key_file)"),
            std::string::npos);
}

// Hosts that may go anywhere in turn with networks that nobody may enter in the clear: beyond some size no
// decomposition keeps their order. What else is odd is told all the same.
TEST(Check, APolicyThatTheKernelCannotTakeIsRefusedWithItsOtherFindings) {
  std::string rules;
  for (int i = 0; i < 2000; ++i) {
    const std::string number = std::to_string(i);
    const std::string octets = std::to_string(i / 250) + "." + std::to_string(i % 250);
    rules += "[[rule]]\nname = \"host" + number + "\"\naction = \"bypass\"\nlocal = [\"10.1." + octets +
             "\"]\nremote = [\"0.0.0.0/0\"]\n\n";
    rules += "[[rule]]\nname = \"net" + number + "\"\naction = \"protect\"\nlocal = [\"0.0.0.0/0\"]\nremote = [\"11." +
             std::to_string(i / 125) + "." + std::to_string(i % 125 * 2) + ".0/24\"]\n\n";
  }
  rules += "[[rule]]\nname = \"late\"\naction = \"block\"\nlocal = [\"10.1.0.1\"]\nremote = [\"any\"]\n\n";
  const auto file = written("tangled.toml", config_with(rules));
  const auto text = tedctl({"check", file});
  EXPECT_EQ(text.status, 1);
  EXPECT_TRUE(text.out.contains("rule 'late' is never reached: 'host1' before it takes all of its flows")) << text.out;
  EXPECT_FALSE(text.out.contains("good")) << text.out;
  EXPECT_NE(text.err.find("shares flows with too many later rules"), std::string::npos) << text.err;
  EXPECT_NE(text.err.find("put it behind"), std::string::npos) << text.err;
  const auto json = tedctl({"--json", "check", file});
  EXPECT_EQ(json.status, 1);
  EXPECT_EQ(json.err, "");
  EXPECT_TRUE(json.out.starts_with(R"({"ok":false,"rules":4001,"errors":[{"file":)")) << json.out;
  EXPECT_TRUE(json.out.contains(R"("shadowed":[{"rule":"late",)")) << json.out;
}

TEST(Check, ShadowedAndOverlappingRulesAreReported) {
  const auto rule = [](const char* name, const char* local) {
    return std::string("[[rule]]\nname = \"") + name + "\"\naction = \"protect\"\nlocal = [\"" + local +
           "\"]\nremote = [\"10.9.0.0/16\"]\n\n";
  };
  const auto file = written("odd.toml", config_with(rule("wide", "10.1.0.0/16") + rule("inside", "10.1.2.0/24") +
                                                    rule("around", "10.0.0.0/8")));
  const auto text = tedctl({"check", file});
  EXPECT_EQ(text.status, 0);
  expect_golden("check-odd.txt", without_directory(text.out));
  expect_golden("check-odd.json", without_directory(tedctl({"--json", "check", file}).out));
}

// A file for this machine is known by its address; what it says of interfaces of others is not looked at.
TEST(Check, AnInterfaceThatThisMachineHasNotIsToldAndNoError) {
  std::string here = kMine;
  here.replace(here.find("192.0.2.1"), 9, "127.0.0.1");
  here.replace(here.find("\"wan0\""), 6, "\"no-such-wan\"");
  const auto file = written("here.toml", here);
  const auto text = tedctl({"check", file});
  EXPECT_EQ(text.status, 0) << text.err;
  EXPECT_TRUE(text.out.contains(": there is no interface no-such-wan now, which 'interfaces' names")) << text.out;
  EXPECT_TRUE(text.out.ends_with(": good, 4 rules\n")) << text.out;
  const auto json = tedctl({"check", file, "--json"});
  EXPECT_TRUE(json.out.contains(R"({"rule":null,"line":0,"message":"there is no interface no-such-wan now)"))
      << json.out;
  EXPECT_FALSE(tedctl({"check", written("mine.toml", kMine)}).out.contains("there is no interface"));
}

TEST(Check, AnInterfaceHasToBeGiven) {
  const auto file = written("same.toml", config_with(R"([[rule]]
name = "sites"
action = "protect"
local = ["interface:lan0"]
remote = ["10.9.0.0/16"]
)"));
  const auto without = tedctl({"check", file});
  EXPECT_EQ(without.status, 1);
  EXPECT_EQ(
      without_directory(without.err),
      "tedctl: same.toml:11:10: what interface:lan0 stands for is known where tedd runs, not to this file (say it: "
      "--interface lan0=10.1.0.0/16,2001:db8:1::/48; there, 'tedctl rules' shows it)\n");
  const auto given = tedctl({"check", file, "--interface", "lan0=10.1.0.0/16", "--interface", "lan1=10.2.0.0/16"});
  EXPECT_EQ(given.status, 0) << given.err;
  EXPECT_TRUE(given.out.ends_with(": good, 1 rule\n")) << given.out;
  const auto none = tedctl({"check", file, "--interface", "lan0="});
  EXPECT_EQ(none.status, 0) << "valid, and idle";
  EXPECT_TRUE(none.out.contains("rule 'sites' matches nothing now")) << none.out;
  for (const char* bad : {"lan0", "=10.1.0.0/16", "lan0=10.1.0.1/16", "a/b=10.1.0.0/16", "lan0=10.1.0.0/16,,"}) {
    EXPECT_EQ(tedctl({"check", file, "--interface", bad}).status, 2) << bad;
  }
}

}  // namespace
}  // namespace cli_test
