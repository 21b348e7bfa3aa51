#include "base/flow.hpp"

#include <gtest/gtest.h>
#include <string>

namespace base_test {

using base::Flow;

std::string flow_round(std::string_view text) {
  const auto flow = Flow::parse(text);
  return flow ? flow->text() : "error: " + flow.error().message;
}

TEST(Flow, ReadsAndWritesTheDocumentedForm) {
  for (const auto* text :
       {"tcp 10.1.0.5:40000 > 10.2.0.7:443", "icmp 10.1.0.5:8 > 10.2.0.7:0", "gre 10.1.0.5 > 10.2.0.7",
        "udp [2001:db8::1]:53 > [2001:db8::2]:53", "99 2001:db8::1 > 2001:db8::2"}) {
    EXPECT_EQ(flow_round(text), text);
  }
}

TEST(Flow, ToleratesSpace) {
  EXPECT_EQ(flow_round("  6\t10.1.0.5:0   > [10.2.0.7]:443 "), "tcp 10.1.0.5:0 > 10.2.0.7:443");
}

TEST(Flow, TakesNoPortForAnother) {
  const auto hint = [](std::string_view text) { return Flow::parse(text).error().text(); };
  EXPECT_EQ(hint("tcp 10.1.0.5 > 10.2.0.7:443"),
            "'tcp 10.1.0.5 > 10.2.0.7:443' lacks a port (give both, e.g. tcp 10.1.0.5:40000 > 10.2.0.7:443)");
  EXPECT_EQ(hint("udp 2001:db8::1 > [2001:db8::2]"),
            "'udp 2001:db8::1 > [2001:db8::2]' lacks a port (give both, e.g. udp [2001:db8::1]:40000 > "
            "[2001:db8::2]:443)");
  EXPECT_EQ(hint("icmp 10.1.0.5:8 > 10.2.0.7"),
            "'icmp 10.1.0.5:8 > 10.2.0.7' lacks type or code (give the type with the source and the code with the "
            "destination, e.g. icmp 10.1.0.5:8 > 10.2.0.7:0)");
}

TEST(Flow, RefusesTheRest) {
  for (const auto* text :
       {"", "tcp", "tcp 10.1.0.5:1 10.2.0.7:2", "tcp 10.1.0.5:1 > 10.2.0.7:2 x", "tcp 10.1.0.5:1 > ::1",
        "gre 10.1.0.5:1 > 10.2.0.7", "tcp 10.1.0.5: > 10.2.0.7:1", "tcp 10.1.0.5:65536 > 10.2.0.7:1",
        "icmp 10.1.0.5:256 > 10.2.0.7:0", "icmp 10.1.0.5:8 > 10.2.0.7:256", "foo 10.1.0.5 > 10.2.0.7",
        "tcp [2001:db8::1:1 > [2001:db8::2]:1", "tcp [::1]1 > [::2]:1", "tcp 10.1.0.5:1 < 10.2.0.7:2"}) {
    EXPECT_TRUE(flow_round(text).starts_with("error: ")) << text;
  }
}

TEST(Flow, MirrorsPortsButNotTypeAndCode) {
  EXPECT_EQ(Flow::parse("tcp 10.1.0.5:1 > 10.2.0.7:2")->mirrored().text(), "tcp 10.2.0.7:2 > 10.1.0.5:1");
  EXPECT_EQ(Flow::parse("icmp 10.1.0.5:8 > 10.2.0.7:0")->mirrored().text(), "icmp 10.2.0.7:8 > 10.1.0.5:0");
}

}  // namespace base_test
