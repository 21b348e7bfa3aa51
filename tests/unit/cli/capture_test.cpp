// decode -r: captures made by make_captures.py.
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

#include "unit/cli/run.hpp"

namespace cli_test {
namespace {

std::string capture(const std::string& name) {
  return std::string(OPENTED_CAPTURES) + "/" + name + ".pcap";
}

std::string bytes_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return std::move(text).str();
}

TEST(Capture, OneObjectALineWithItsPlace) {
  const auto json = tedctl({"--json", "decode", "-r", capture("all")});
  EXPECT_EQ(json.status, 0) << json.err;
  expect_golden("capture.json", json.out);
  const auto text = tedctl({"decode", "-r", capture("all")});
  EXPECT_EQ(text.status, 0);
  expect_golden("capture.txt", text.out);
}

TEST(Capture, EveryLinkTypeAndByteOrderSaysTheSame) {
  const auto expected = tedctl({"decode", "--json", "-r", capture("all")}).out;
  for (const char* link : {"ethernet", "vlan", "padded", "cooked", "cooked2", "raw", "null", "loop"}) {
    for (const char* order : {"-little", "-big"}) {
      EXPECT_EQ(tedctl({"decode", "--json", "-r", capture(std::string(link) + order)}).out, expected) << link << order;
    }
  }
  EXPECT_EQ(tedctl({"decode", "--json", "-r", capture("nano")}).out, expected);
  EXPECT_EQ(tedctl({"decode", "--json", "-r", "-"}, bytes_of(capture("all"))).out, expected);
}

TEST(Capture, AnInvalidDatagramIsSaidAndTheRestGoesOn) {
  const auto outcome = tedctl({"--json", "decode", "-r", capture("invalid")});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.out.substr(0, outcome.out.find(",\"packet\"")), R"({"error":"trailing_bytes","offset":208)");
  EXPECT_NE(outcome.out.find("\n{\"kind\":\"probe\""), std::string::npos) << outcome.out;
}

TEST(Capture, NothingInItIsNoError) {
  const auto outcome = tedctl({"--json", "decode", "-r", capture("nothing")});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.out, "");
  EXPECT_NE(outcome.err.find("no TED datagram"), std::string::npos);
}

TEST(Capture, WhatWasCutShortIsSaid) {
  const auto outcome = tedctl({"--json", "decode", "-r", capture("cut")});
  EXPECT_EQ(outcome.out, "");
  EXPECT_NE(outcome.err.find("cut short"), std::string::npos) << outcome.err;
}

TEST(Capture, WhatIsNoCaptureIsAnError) {
  for (const char* name : {"link", "pcapng", "huge", "absent"}) {
    const auto outcome = tedctl({"decode", "-r", capture(name)});
    EXPECT_EQ(outcome.status, 1) << name;
    EXPECT_EQ(outcome.out, "") << name;
    EXPECT_NE(outcome.err, "") << name;
  }
}

TEST(Capture, WhatIsNoCaptureSaysWhatOneIs) {
  for (const std::string& file :
       {written("no.pcap", std::string(100, 'x')), written("short.pcap", "x"), capture("absent")}) {
    const auto outcome = tedctl({"decode", "-r", file});
    EXPECT_NE(outcome.err.find("tcpdump -w"), std::string::npos) << outcome.err;
  }
  EXPECT_NE(tedctl({"decode", "00"}).out.find("from its ISAKMP header on"), std::string::npos);
}

TEST(Capture, AFolderIsNamedAsSuch) {
  const auto outcome = tedctl({"decode", "-r", "/"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_NE(outcome.err.find("/ is a folder"), std::string::npos) << outcome.err;
}

TEST(Capture, EveryTruncationEndsInGoodOrder) {
  const std::string whole = bytes_of(capture("vlan-big"));
  for (std::size_t length = 0; length < whole.size(); length += length < 60 ? 1 : 37) {
    const auto outcome = tedctl({"--json", "decode", "-r", written("cut.pcap", whole.substr(0, length))});
    EXPECT_LE(outcome.status, 1) << length;
  }
}

}  // namespace
}  // namespace cli_test
