// What a reload refuses names its key, both values and the way out.
#include "config/fixed.hpp"

#include <gtest/gtest.h>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "unit/config/text.hpp"

namespace config_test {
namespace {

config::Config good(const std::string& text) {
  return config::parse(text, "t.toml").value();
}

TEST(Fixed, WhatAReloadTakesIsNone) {
  const auto running = good(kHead);
  auto fresh = good(with_rule(""));
  fresh.ike.psk_file = "/other";
  EXPECT_TRUE(config::fixed_changes(running, running).empty());
  EXPECT_TRUE(config::fixed_changes(running, fresh).empty());
}

TEST(Fixed, EachKeyIsNamedWithBothValues) {
  const auto running = good(kHead);
  // Of a new member of Gateway this test must hear.
  const auto& [mode, addresses, interfaces, control, readers, metrics, shield] = running.gateway;
  static_cast<void>(std::tie(mode, addresses, interfaces, control, readers, metrics, shield));
  const std::vector<std::pair<std::string, std::string>> changed = {
      {"[gateway]\nmode = \"observe\"\naddresses = [\"192.0.2.1\"]\ninterfaces = [\"wan0\"]",
       "'mode' of [gateway] cannot change while tedd runs: it was started with \"protect\", and the file now has "
       "\"observe\""},
      {"[gateway]\naddresses = [\"192.0.2.1\", \"2001:db8::1\"]\ninterfaces = [\"wan0\"]",
       "'addresses' of [gateway] cannot change while tedd runs: it was started with [\"192.0.2.1\"], and the file now "
       "has [\"192.0.2.1\", \"2001:db8::1\"]"},
      {"[gateway]\naddresses = [\"192.0.2.1\"]\ninterfaces = [\"wan1\"]",
       "[\"wan0\"], and the file now has [\"wan1\"]"},
      {"[gateway]\naddresses = [\"192.0.2.1\"]\ninterfaces = [\"wan0\"]\ncontrol = \"/run/x\"",
       "'control' of [gateway] cannot change while tedd runs: it was started with \"/run/opented/tedd.sock\", and the "
       "file now has \"/run/x\""},
      {"[gateway]\naddresses = [\"192.0.2.1\"]\ninterfaces = [\"wan0\"]\nreaders = \"adm\"",
       "\"\", and the file now has \"adm\""},
      {"[gateway]\naddresses = [\"192.0.2.1\"]\ninterfaces = [\"wan0\"]\nmetrics = \"127.0.0.1:9469\"",
       "none, and the file now has \"127.0.0.1:9469\""},
      {"[gateway]\naddresses = [\"192.0.2.1\"]\ninterfaces = [\"wan0\"]\nshield = \"auto\"",
       "\"off\", and the file now has \"auto\""},
  };
  for (const auto& [head, wanted] : changed) {
    const auto found = config::fixed_changes(running, good(head + "\n[ike]\npsk_file = \"/etc/opented/psk\"\n"));
    ASSERT_EQ(found.size(), 1U) << head;
    EXPECT_NE(found[0].find(wanted), std::string::npos) << found[0];
    EXPECT_NE(found[0].find("restart tedd"), std::string::npos) << found[0];
  }
}

TEST(Fixed, TwoOfIkeAreFixedToo) {
  const auto running = good(kHead);
  auto fresh = running;
  fresh.ike.auth = config::Auth::kCert;
  fresh.ike.socket = "unix:///run/other";
  const auto found = config::fixed_changes(running, fresh);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_NE(found[0].find("'socket' of [ike]"), std::string::npos) << found[0];
  EXPECT_NE(found[1].find("\"psk\", and the file now has \"cert\""), std::string::npos) << found[1];
}

}  // namespace
}  // namespace config_test
