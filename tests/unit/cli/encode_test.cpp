// encode: the way back from decode's JSON.
#include <gtest/gtest.h>

#include "unit/cli/run.hpp"
#include "unit/cli/vectors.hpp"

namespace cli_test {
namespace {

constexpr const char* kProbe =
    R"({"kind":"probe","icookie":"0102030405060708","gateway":"192.0.2.1","half_proxy":"10.1.0.0/255.255.0.0",)"
    R"("summary":{"protocol":6,"src":"10.1.0.5","dst":"10.2.0.7","sport":40000,"dport":443})";

std::string probe_with(const std::string& more) {
  return kProbe + more + "}";
}

TEST(Encode, GivesBackWhatDecodeRead) {
  std::string all_json;
  std::string all_hex;
  for (const char* file : {"probe.vec", "response.vec"}) {
    for (const auto& vector : vectors(file)) {
      if (!vector.as_we_encode) continue;
      const auto json = tedctl({"--json", "decode", vector.hex}).out;
      const auto outcome = tedctl({"encode"}, json);
      EXPECT_EQ(outcome.out, vector.hex + "\n") << vector.name << json << outcome.err;
      EXPECT_EQ(outcome.status, 0);
      all_json += json;
      all_hex += vector.hex + "\n";
    }
  }
  EXPECT_NE(all_hex, "");
  EXPECT_EQ(tedctl({"encode"}, all_json).out, all_hex);
}

TEST(Encode, ADatagramWithoutPaddingHasItsLengthAgain) {
  for (const auto& vector : vectors("probe.vec")) {
    if (vector.name != "no padding") continue;
    const auto json = tedctl({"--json", "decode", vector.hex}).out;
    EXPECT_EQ(tedctl({"encode"}, json).out, vector.hex + "\n");
  }
}

TEST(Encode, AProofIsWrittenAsItWasRead) {
  std::size_t proofs = 0;
  for (const char* file : {"probe.vec", "response.vec"}) {
    for (const auto& vector : vectors(file)) {
      const auto json = tedctl({"--json", "decode", vector.hex}).out;
      if (json.find("\"proof\":{") == std::string::npos) continue;
      ++proofs;
      EXPECT_EQ(tedctl({"encode"}, json).out, vector.hex + "\n") << vector.name;
    }
  }
  EXPECT_EQ(proofs, 6U);
}

TEST(Encode, AProofThatNoDecoderTakesIsRefused) {
  const std::string hash(64, 'a');
  const std::string signature(128, 'b');
  for (const std::string& wrong : std::initializer_list<std::string>{
           R"({})",
           R"({"time":1,"certificates":[],"signature":null,"keyed_hash":null})",
           R"({"time":-1,"certificates":[],"signature":null,"keyed_hash":")" + hash + R"("})",
           R"({"time":1,"certificates":["00"],"signature":null,"keyed_hash":")" + hash + R"("})",
           R"({"time":1,"certificates":[],"signature":")" + signature + R"(","keyed_hash":null})",
           R"({"time":1,"certificates":[],"signature":null,"keyed_hash":"aa"})",
           R"({"time":1,"certificates":[""],"signature":")" + signature + R"(","keyed_hash":null})",
           R"({"time":1,"certificates":["0","0","0","0","0"],"signature":")" + signature + R"(","keyed_hash":null})",
       }) {
    const auto outcome = tedctl({"encode"}, probe_with(R"(,"proof":)" + wrong));
    EXPECT_EQ(outcome.status, 1) << wrong;
    EXPECT_NE(outcome.err.find("the proof: "), std::string::npos) << wrong << outcome.err;
  }
}

TEST(Encode, LengthAsksForPadding) {
  const auto length = [](const char* more) { return (tedctl({"encode"}, probe_with(more)).out.size() - 1) / 2; };
  EXPECT_EQ(length(""), 208U);
  EXPECT_EQ(length(R"(,"length":1000)"), 1000U);
  EXPECT_EQ(length(R"(,"length":116)"), 116U);
  EXPECT_EQ(length(R"(,"length":136)"), 136U);
  const auto back = tedctl({"--json", "decode", tedctl({"encode"}, probe_with(R"(,"length":1000)")).out});
  EXPECT_EQ(back.status, 0) << back.out;
  EXPECT_NE(back.out.find(R"("length":1000})"), std::string::npos);
  for (const char* wrong : {R"(,"length":115)", R"(,"length":117)", R"(,"length":135)", R"(,"length":4097)",
                            R"(,"length":-1)", R"(,"length":"116")"}) {
    const auto outcome = tedctl({"encode"}, probe_with(wrong));
    EXPECT_EQ(outcome.status, 1) << wrong;
    EXPECT_EQ(outcome.out, "");
    EXPECT_NE(outcome.err.find("length\""), std::string::npos) << outcome.err;
  }
}

TEST(Encode, MaySpreadOverLinesAndAnswerInJson) {
  std::string spread = probe_with("");
  spread.insert(1, "\n  ");
  const auto hex = tedctl({"encode"}, probe_with("")).out;
  EXPECT_EQ(tedctl({"encode"}, spread).out, hex);
  EXPECT_EQ(tedctl({"--json", "encode"}, spread).out, "{\"hex\":\"" + hex.substr(0, hex.size() - 1) + "\"}\n");
}

TEST(Encode, RefusesWhatNoDatagramCanSay) {
  const std::string response = R"({"kind":"response","icookie":"0102030405060708","rcookie":"a1a2a3a4a5a6a7a8",)"
                               R"("gateway":"192.0.2.1","proxy":{"protocol":6,"local":"10.1.0.0/16",)"
                               R"("remote":"10.2.0.0/24","local_port":[0,65535],"remote_port":)";
  EXPECT_EQ(tedctl({"encode"}, response + "[443,443]}}").status, 0);
  EXPECT_EQ(tedctl({"encode"}, response + "[0,65535]}}").status, 0);
  EXPECT_EQ(tedctl({"encode"}, response + "[0,0]}}").status, 0);
  for (const std::string& wrong :
       {std::string(), std::string("{}"), std::string("[]"), std::string("{"), response + "[443,444]}}",
        response + "[1]}}", probe_with(R"(,"rcookie":"a1a2a3a4a5a6a7a8")"), probe_with(R"(,"icookie":"01")"),
        probe_with(R"(,"icookie":"0000000000000000")"), probe_with(R"(,"half_proxy":"2001:db8::/32")"),
        probe_with(R"(,"capabilities":["magic"])"), probe_with(R"(,"capabilities":["bit-32"])"),
        probe_with(R"(,"capabilities":["signature"],"vendor":false)"), probe_with(R"(,"kind":"answer")"),
        probe_with(R"(,"gateway":"gw")"),
        probe_with(R"(,"summary":{"protocol":6,"src":"::1","dst":"10.0.0.1","sport":1,"dport":1})"),
        probe_with(R"(,"summary":{"protocol":256,"src":"10.0.0.2","dst":"10.0.0.1","sport":1,"dport":1})"),
        probe_with(R"(,"summary":{"protocol":47,"src":"10.0.0.2","dst":"10.0.0.1","sport":1,"dport":1})")}) {
    const auto outcome = tedctl({"encode"}, wrong);
    EXPECT_EQ(outcome.status, 1) << wrong;
    EXPECT_EQ(outcome.out, "") << wrong;
    EXPECT_EQ(outcome.err.substr(0, 8), "tedctl: ") << wrong;
  }
}

}  // namespace
}  // namespace cli_test
