#include "control/json.hpp"

#include <gtest/gtest.h>

namespace control {
namespace {

std::string reprinted(std::string_view text) {
  const auto json = Json::parse(text, 1000);
  return json ? json->dump() : std::string(name(json.error().code));
}

TEST(Json, KeepsKindsAndOrder) {
  EXPECT_EQ(reprinted(R"( {"b":1, "a":[true,null,-2,1.5,"x"]} )"), R"({"b":1,"a":[true,null,-2,1.5,"x"]})");
  EXPECT_EQ(reprinted("{}"), "{}");
  EXPECT_EQ(reprinted("[]"), "[]");
  EXPECT_EQ(reprinted("3"), "3");
}

TEST(Json, IsOneLineWhateverIsInIt) {
  const Json json = Json::object().add("text", "two\nlines\r\x01 \xff end");
  EXPECT_EQ(json.dump(), "{\"text\":\"two\\nlines\\r\\u0001 \xef\xbf\xbd end\"}");
}

TEST(Json, TheLastOfTwoMembersCounts) {
  const auto json = Json::parse(R"({"a":1,"a":2})", 1000);
  ASSERT_TRUE(json);
  EXPECT_EQ(*json->find("a")->if_integer(), 2);
  EXPECT_EQ(json->find("b"), nullptr);
  EXPECT_EQ(Json(3).find("a"), nullptr);
}

TEST(Json, RefusesWhatIsNoJson) {
  for (const char* text :
       {"",    " ",          "{",  "}",  "[1,]", "{\"a\"}", "{\"a\":}", "nul",   "1 2",   "\"\xff\"", "\"\n\"",
        "'a'", "{\"a\":1}x", "[1", "\"", "\\",   "-",       "01",       "1e999", "/**/1", "NaN"}) {
    EXPECT_EQ(reprinted(text), "not-json") << text;
  }
  EXPECT_EQ(reprinted(std::string_view("1\0", 2)), "not-json");
}

TEST(Json, DepthHasALimit) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_EQ(reprinted(nested(Json::kMaxDepth)), nested(Json::kMaxDepth));
  EXPECT_EQ(reprinted(nested(Json::kMaxDepth + 1)), "too-deep");
  std::string objects;
  for (int i = 0; i < 100; ++i) objects += "{\"a\":";
  EXPECT_EQ(reprinted(objects), "too-deep");
}

TEST(Json, LengthHasALimit) {
  EXPECT_TRUE(Json::parse("[1,2]", 5));
  EXPECT_EQ(Json::parse("[1,2]", 4).error().code, ErrorCode::kTooLong);
}

TEST(Json, HugeNumbersAreNoIntegers) {
  EXPECT_NE(Json::parse("9223372036854775807", 99)->if_integer(), nullptr);
  EXPECT_EQ(Json::parse("9223372036854775808", 99)->if_integer(), nullptr);
  EXPECT_EQ(Json::parse("-99999999999999999999", 99)->if_integer(), nullptr);
  EXPECT_EQ(Json::parse("1.0", 99)->if_integer(), nullptr);
}

}  // namespace
}  // namespace control
