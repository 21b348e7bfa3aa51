#include "control/request.hpp"

#include <gtest/gtest.h>

namespace control {
namespace {

base::Address address(std::string_view text) {
  return base::Address::parse(text).value();
}

std::string error_of(std::string_view line) {
  const auto request = decode_request(line);
  return request ? "none" : std::string(name(request.error().code)) + " " + request.error().where;
}

TEST(Request, EveryCommandComesBack) {
  for (const char* text :
       {"status", "tunnels", "pending", "peers", "counters", "rules", "watch", "reload", "release"}) {
    const auto command = command_named(text);
    ASSERT_TRUE(command) << text;
    EXPECT_EQ(name(*command), text);
    const Request request{*command, {}};
    EXPECT_EQ(encode(request), "{\"command\":\"" + std::string(text) + "\"}");
    EXPECT_EQ(decode_request(encode(request)), request);
  }
  EXPECT_FALSE(command_named("Status"));
}

TEST(Request, WhyCarriesAFlow) {
  const Request request{Command::kWhy, WhyArguments{*base::Flow::parse("udp 10.1.0.5:4 > 10.2.0.7:53")}};
  EXPECT_EQ(encode(request), R"({"command":"why","arguments":{"flow":"udp 10.1.0.5:4 > 10.2.0.7:53"}})");
  EXPECT_EQ(decode_request(encode(request)), request);
  for (const char* wrong : {R"({})", R"({"flow":7})", R"({"flow":"10.2.0.7"})"}) {
    EXPECT_FALSE(decode_request(std::string(R"({"command":"why","arguments":)") + wrong + "}")) << wrong;
  }
}

TEST(Request, TraceCarriesWhatWasGiven) {
  Request request{Command::kTrace, TraceArguments{address("10.2.0.7"), {}, {}, {}}};
  EXPECT_EQ(encode(request), R"({"command":"trace","arguments":{"destination":"10.2.0.7"}})");
  EXPECT_EQ(decode_request(encode(request)), request);
  request.arguments = TraceArguments{address("2001:db8::2"), address("2001:db8::1"), base::Protocol::kTcp, 443};
  EXPECT_EQ(encode(request), R"({"command":"trace","arguments":{"destination":"2001:db8::2","source":"2001:db8::1",)"
                             R"("protocol":6,"port":443}})");
  EXPECT_EQ(decode_request(encode(request)), request);
}

TEST(Request, ForgetCarriesThePeer) {
  const Request request{Command::kForget, ForgetArguments{address("192.0.2.9")}};
  EXPECT_EQ(encode(request), R"({"command":"forget","arguments":{"peer":"192.0.2.9"}})");
  EXPECT_EQ(decode_request(encode(request)), request);
}

TEST(Request, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(error_of("status"), "not-json ");
  EXPECT_EQ(error_of("[]"), "wrong-type request");
  EXPECT_EQ(error_of("{}"), "missing command");
  EXPECT_EQ(error_of(R"({"command":1})"), "wrong-type command");
  EXPECT_EQ(error_of(R"({"command":"stop"})"), "unknown-command stop");
  EXPECT_EQ(error_of(R"({"command":"status","arguments":[]})"), "wrong-type arguments");
  EXPECT_EQ(error_of(R"({"command":"forget"})"), "missing arguments.peer");
  EXPECT_EQ(error_of(R"({"command":"forget","arguments":{"peer":7}})"), "wrong-type arguments.peer");
  EXPECT_EQ(error_of(R"({"command":"forget","arguments":{"peer":"gw"}})"), "bad-value arguments.peer");
  EXPECT_EQ(error_of(R"({"command":"status","arguments":{"x":1}})"), "unknown-argument arguments.x");
  const auto trace = [](const std::string& arguments) {
    return error_of(R"({"command":"trace","arguments":{"destination":"10.2.0.7",)" + arguments + "}}");
  };
  EXPECT_EQ(trace(R"("port":65536)"), "bad-value arguments.port");
  EXPECT_EQ(trace(R"("port":-1)"), "bad-value arguments.port");
  EXPECT_EQ(trace(R"("source_port":65536)"), "bad-value arguments.source_port");
  EXPECT_EQ(trace(R"("port":"443")"), "wrong-type arguments.port");
  EXPECT_EQ(trace(R"("protocol":256)"), "bad-value arguments.protocol");
  EXPECT_EQ(trace(R"("source":"::1")"), "bad-value arguments.source");
  EXPECT_EQ(trace(R"("source":null)"), "none");
}

TEST(Request, LongLinesAreRefused) {
  const std::string line = R"({"command":"status","pad":")" + std::string(kMaxRequestLine, 'x') + "\"}";
  EXPECT_EQ(error_of(line), "too-long ");
}

TEST(Request, UnknownMembersBesideTheArgumentsAreIgnored) {
  EXPECT_EQ(error_of(R"({"id":7,"command":"status","command":"peers","arguments":null})"), "none");
}

TEST(Request, ErrorsReadAsSentences) {
  const auto error = describe(decode_request(R"({"command":"forget"})").error());
  EXPECT_EQ(error.message, "\"arguments.peer\" is missing");
  EXPECT_EQ(error.hint, "an address as text");
}

}  // namespace
}  // namespace control
