// decode HEX, in words and in JSON.
#include <gtest/gtest.h>

#include "unit/cli/run.hpp"
#include "unit/cli/vectors.hpp"

namespace cli_test {
namespace {

TEST(Decode, AProbeHasEveryKey) {
  const auto outcome = tedctl({"--json", "decode", vectors("probe.vec").front().hex});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.out,
            R"({"kind":"probe","form":"v3","icookie":"0102030405060708","rcookie":"0000000000000000",)"
            R"("gateway":"192.0.2.1","half_proxy":"10.1.0.0/16","capabilities":["selector-list"],)"
            R"("summary":{"ip_version":4,"protocol":6,"src":"10.1.0.5","dst":"10.2.0.7","sport":40000,"dport":443},)"
            R"("proxy":null,"length":208})"
            "\n");
}

TEST(Decode, AResponseHasEveryKey) {
  const auto outcome = tedctl({"--json", "decode", vectors("response.vec").front().hex});
  EXPECT_EQ(outcome.out,
            R"({"kind":"response","form":"v3","icookie":"0102030405060708","rcookie":"a1a2a3a4a5a6a7a8",)"
            R"("gateway":"192.0.2.1","half_proxy":"10.1.0.0/16","capabilities":["selector-list"],"summary":null,)"
            R"("proxy":{"protocol":6,"local":"10.1.0.0/16","remote":"10.2.0.0/24","local_port":[0,65535],)"
            R"("remote_port":[443,443]},"length":124})"
            "\n");
}

TEST(Decode, InWords) {
  std::string text;
  for (const char* file : {"probe.vec", "response.vec"}) {
    for (const auto& vector : vectors(file)) text += vector.name + "\n" + tedctl({"decode", vector.hex}).out + "\n";
  }
  expect_golden("decode.txt", text);
}

TEST(Decode, CapabilitiesWithoutANameAreBits) {
  std::string hex = vectors("probe.vec").front().hex;
  hex.replace(hex.find("1bee7f1d00000001") + 8, 8, "80000107");
  const auto outcome = tedctl({"--json", "decode", hex});
  EXPECT_NE(outcome.out.find(R"("capabilities":["selector-list","keyed-hash","signature","echoes","bit-31"])"),
            std::string::npos)
      << outcome.out;
  EXPECT_EQ(tedctl({"encode"}, outcome.out).out, hex + "\n");
}

TEST(Decode, HexMayHaveSpacesAndColons) {
  const std::string hex = vectors("probe.vec").front().hex;
  const auto expected = tedctl({"decode", hex}).out;
  EXPECT_EQ(tedctl({"decode", hex.substr(0, 20), hex.substr(20)}).out, expected);
  EXPECT_EQ(tedctl({"decode", "-"}, hex.substr(0, 20) + "\n" + hex.substr(20) + "\n").out, expected);
  EXPECT_EQ(tedctl({"decode", hex.substr(0, 20) + ":" + hex.substr(20, 20) + " " + hex.substr(40)}).out, expected);
}

TEST(Decode, AnInvalidDatagramHasANameAndAnOffset) {
  std::size_t count = 0;
  for (const auto& vector : vectors("invalid.vec")) {
    const auto outcome = tedctl({"--json", "decode", vector.hex});
    EXPECT_EQ(outcome.status, 1) << vector.name;
    EXPECT_EQ(outcome.out.substr(0, 10), "{\"error\":\"") << vector.name;
    EXPECT_NE(outcome.out.find("\",\"offset\":"), std::string::npos) << vector.name;
    EXPECT_NE(outcome.out.find(vector.error), std::string::npos) << vector.name << outcome.out;
    if (++count == 40) break;  // the decoder has tests of its own
  }
  EXPECT_EQ(tedctl({"decode", "00"}).out,
            "no valid TED datagram: truncated_header at offset 1\n"
            "a datagram is given from its ISAKMP header on, without UDP's, as a whole\n");
}

}  // namespace
}  // namespace cli_test
