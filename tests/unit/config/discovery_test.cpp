// [discovery], and what rules say of who is believed and told.
#include <gtest/gtest.h>
#include <string>

#include "config/config.hpp"

namespace {

std::string file_with(const std::string& discovery, const std::string& rule = "") {
  return "[gateway]\naddresses = [\"192.0.2.1\"]\ninterfaces = [\"wan0\"]\n[ike]\npsk_file = \"psk\"\n" + discovery +
         "\n[[rule]]\nname = \"r\"\naction = \"protect\"\nlocal = [\"10.1.0.0/16\"]\nremote = [\"10.2.0.0/16\"]\n" +
         rule;
}

config::Config good(const std::string& discovery, const std::string& rule = "") {
  auto read = config::parse(file_with(discovery, rule), "/etc/opented/tedd.toml");
  EXPECT_TRUE(read) << (read ? "" : read.error().front().text());
  return read ? *std::move(read) : config::Config{};
}

std::string mistakes(const std::string& discovery, const std::string& rule = "") {
  const auto read = config::parse(file_with(discovery, rule), "tedd.toml");
  EXPECT_FALSE(read) << discovery << rule;
  std::string all;
  if (!read) {
    for (const auto& error : read.error()) all += error.text() + "\n";
  }
  return all;
}

void expect_in(const std::string& part, const std::string& whole) {
  EXPECT_NE(whole.find(part), std::string::npos) << whole;
}

TEST(Discovery, NothingIsProvedUnlessTold) {
  const auto config = good("");
  EXPECT_FALSE(config.discovery.proves());
  EXPECT_FALSE(config.rules.front().authenticated);
  EXPECT_EQ(config.rules.front().disclose, policy::Disclose::kAll);
  EXPECT_TRUE(config.rules.front().askers.empty());
}

TEST(Discovery, WhoHasAKeyWantsItOfOthers) {
  const auto config = good("[discovery]\nkey_file = \"discovery.key\"");
  EXPECT_EQ(config.discovery.key_files, std::vector<std::string>{"/etc/opented/discovery.key"});
  EXPECT_TRUE(config.discovery.require);
  EXPECT_TRUE(config.rules.front().authenticated);
}

TEST(Discovery, ARuleMayWantLess) {
  const auto config = good("[discovery]\nkey_file = \"/k\"", "authenticated = false\ndisclose = \"flow\"");
  EXPECT_FALSE(config.rules.front().authenticated);
  EXPECT_EQ(config.rules.front().disclose, policy::Disclose::kFlow);
}

TEST(Discovery, ARuleForOldPeersWantsNoProof) {
  const auto config = good("[discovery]\nkey_file = \"/k\"", "draft = true\nauthenticated = false");
  EXPECT_TRUE(config.rules.front().draft);
}

TEST(Discovery, AllMayWantLessAndARuleMore) {
  EXPECT_FALSE(good("[discovery]\nkey_file = \"/k\"\nrequire = false").rules.front().authenticated);
  EXPECT_TRUE(
      good("[discovery]\nkey_file = \"/k\"\nrequire = false", "authenticated = true").rules.front().authenticated);
}

TEST(Discovery, KeysChangeByAList) {
  const auto config = good("[discovery]\nkey_file = [\"new.key\", \"/old.key\"]");
  EXPECT_EQ(config.discovery.key_files, (std::vector<std::string>{"/etc/opented/new.key", "/old.key"}));
}

TEST(Discovery, ASectionBehindTheRulesCountsForThem) {
  const auto read = config::parse(file_with("") + "\n[discovery]\nkey_file = \"/k\"\n", "tedd.toml");
  ASSERT_TRUE(read) << read.error().front().text();
  EXPECT_TRUE(read->rules.front().authenticated);
}

TEST(Discovery, BypassAndBlockWantNothing) {
  auto text = file_with("[discovery]\nkey_file = \"/k\"");
  text.replace(text.find("protect"), 7, "bypass");
  const auto read = config::parse(text, "tedd.toml");
  ASSERT_TRUE(read) << read.error().front().text();
  EXPECT_FALSE(read->rules.front().authenticated);
}

TEST(Discovery, WhatCannotBeIsRefusedWithAWayOut) {
  expect_in("has require = true, and nothing to prove itself or others with (give it a key_file",
            mistakes("[discovery]\nrequire = true"));
  expect_in("'key_file' names no file", mistakes("[discovery]\nkey_file = \"\""));
  expect_in("names 9 files",
            mistakes("[discovery]\nkey_file = [\"1\", \"2\", \"3\", \"4\", \"5\", \"6\", \"7\", \"8\", \"9\"]"));
  expect_in("unknown key 'keyfile'", mistakes("[discovery]\nkeyfile = \"/k\""));
  expect_in("has authenticated = true, and there is nothing to judge a peer by", mistakes("", "authenticated = true"));
  expect_in("has disclose = \"nothing\", and there is nothing to judge a peer by",
            mistakes("", "disclose = \"nothing\""));
  expect_in("has draft = true, and old peers cannot prove who they are, which [discovery] wants (leave draft out",
            mistakes("[discovery]\nkey_file = \"/k\"", "draft = true"));
  expect_in("which authenticated = true wants",
            mistakes("[discovery]\nkey_file = \"/k\"\nrequire = false", "draft = true\nauthenticated = true"));
  expect_in("which disclose = \"nothing\" wants",
            mistakes("[discovery]\nkey_file = \"/k\"\nrequire = false", "draft = true\ndisclose = \"nothing\""));
  expect_in("is no value of 'disclose' (there are: all, flow, nothing)", mistakes("", "disclose = \"some\""));
  expect_in("'askers' is empty", mistakes("", "askers = []"));
  expect_in("has host bits set", mistakes("", "askers = [\"192.0.2.1/24\"]"));
}

TEST(Discovery, AskersArePrefixesOrAddresses) {
  const auto config = good("", "askers = [\"192.0.2.0/24\", \"2001:db8::1\"]");
  EXPECT_EQ(config.rules.front().askers,
            (std::vector{*base::Prefix::parse("192.0.2.0/24"), *base::Prefix::parse("2001:db8::1")}));
}

}  // namespace
