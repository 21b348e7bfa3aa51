#include "control/selector_json.hpp"

#include <gtest/gtest.h>

#include "control/timestamp.hpp"

namespace control {
namespace {

base::MaskedAddress masked(std::string_view text) {
  return base::MaskedAddress::parse(text).value();
}

TEST(SelectorJson, IsTheDocumentedShape) {
  const base::Selector selector{base::Protocol::kTcp, masked("10.1.0.0/16"), masked("10.2.0.0/24"),
                                base::PortRange::any(), base::PortRange::only(443)};
  EXPECT_EQ(selector_json(selector).dump(),
            R"({"protocol":6,"local":"10.1.0.0/16","remote":"10.2.0.0/24","local_port":[0,65535],)"
            R"("remote_port":[443,443]})");
}

TEST(SelectorJson, AnyAndMasks) {
  const base::Selector selector{{}, masked("10.0.0.1/255.0.0.255"), masked("0.0.0.0/0"), {}, {}};
  EXPECT_EQ(selector_json(selector).dump(),
            R"({"protocol":"any","local":"10.0.0.1/255.0.0.255","remote":"0.0.0.0/0","local_port":[0,65535],)"
            R"("remote_port":[0,65535]})");
  EXPECT_EQ(selector_of(selector_json(selector)), selector);
  EXPECT_EQ(selector_json(std::optional<base::Selector>()).dump(), "null");
}

std::string error_of(const char* text) {
  const auto selector = selector_of(Json::parse(text, 1000).value());
  return selector ? "none" : std::string(name(selector.error().code)) + " " + selector.error().where;
}

TEST(SelectorJson, SaysWhatIsWrong) {
  EXPECT_EQ(error_of("3"), "wrong-type selector");
  EXPECT_EQ(error_of("{}"), "missing protocol");
  EXPECT_EQ(error_of(R"({"protocol":256})"), "bad-value protocol");
  EXPECT_EQ(error_of(R"({"protocol":"all"})"), "bad-value protocol");
  EXPECT_EQ(error_of(R"({"protocol":6})"), "missing local");
  EXPECT_EQ(error_of(R"({"protocol":6,"local":1})"), "wrong-type local");
  EXPECT_EQ(error_of(R"({"protocol":6,"local":"10.0.0.1/8"})"), "bad-value local");
  EXPECT_EQ(error_of(R"({"protocol":6,"local":"10.0.0.0/8","remote":"::/0"})"), "bad-value remote");
  EXPECT_EQ(error_of(R"({"protocol":6,"local":"10.0.0.0/8","remote":"10.0.0.0/8","local_port":[2,1]})"),
            "bad-value local_port");
  EXPECT_EQ(error_of(R"({"protocol":6,"local":"10.0.0.0/8","remote":"10.0.0.0/8","local_port":[1]})"),
            "wrong-type local_port");
  EXPECT_EQ(error_of(R"({"protocol":6,"local":"10.0.0.0/8","remote":"10.0.0.0/8","local_port":[0,65536]})"),
            "bad-value local_port");
}

TEST(Timestamp, ComesBack) {
  const Timestamp time{std::chrono::milliseconds(1790000000123)};
  EXPECT_EQ(text(time), "2026-09-21T14:13:20.123Z");
  EXPECT_EQ(parse_timestamp(text(time)), time);
  EXPECT_EQ(text(Timestamp{}), "1970-01-01T00:00:00.000Z");
  for (const char* wrong : {"", "2026-09-21T14:13:20Z", "2026-02-30T00:00:00.000Z", "2026-09-21T24:00:00.000Z",
                            "2026-09-21 14:13:20.123Z", "x026-09-21T14:13:20.123Z"}) {
    EXPECT_FALSE(parse_timestamp(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace control
