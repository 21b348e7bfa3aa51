// A ladder stays within its picture, and says with more than colour what became of a step.
#include "picture/ladder.hpp"

#include <gtest/gtest.h>
#include <regex>
#include <string>

namespace picture {
namespace {

using Kind = Step::Kind;

TEST(Ladder, EachKindHasAFormOfItsOwn) {
  const std::vector<std::string> columns{"host", "here", "peer"};
  const auto drawn = [&](Kind kind, std::size_t from, std::size_t to) {
    return draw_ladder("label", columns, {{.when = "0 ms", .from = from, .to = to, .caption = "probe", .kind = kind}});
  };
  EXPECT_NE(drawn(Kind::kSent, 1, 2).find("class='head'"), std::string::npos);
  EXPECT_EQ(drawn(Kind::kLost, 1, 2).find("class='head'"), std::string::npos);
  EXPECT_NE(drawn(Kind::kLost, 1, 2).find("× lost"), std::string::npos);
  EXPECT_NE(drawn(Kind::kCarry, 1, 2).find("arrow carry"), std::string::npos);
  EXPECT_NE(drawn(Kind::kEnd, 1, 1).find("class='cross'"), std::string::npos);
  EXPECT_NE(drawn(Kind::kSent, 1, 1).find("<circle"), std::string::npos);
}

TEST(Ladder, NothingStandsOutsideThePicture) {
  const std::string longest(200, 'm');
  std::vector<Step> steps;
  for (std::size_t from = 0; from < 4; ++from) {
    for (std::size_t to = 0; to < 4; ++to)
      steps.push_back({.when = "59 min 59 s", .from = from, .to = to, .caption = longest});
  }
  const std::string drawn = draw_ladder("label", {longest, longest, longest, longest}, steps);
  static const std::regex kText("<text x='([-0-9.]+)' y='[-0-9.]+' text-anchor='([a-z]+)' class='([a-z]*)'>([^<]*)<");
  int seen = 0;
  for (std::sregex_iterator at(drawn.begin(), drawn.end(), kText), end; at != end; ++at, ++seen) {
    const double x = std::stod((*at)[1]);
    std::string text = (*at)[4];
    const auto letters = static_cast<double>(text.size() - (text.find("…") == std::string::npos ? 0 : 2));
    const double width = letters * ((*at)[3] == "small" ? 5.2 : 6.1);
    const double left = (*at)[2] == "start" ? x : (*at)[2] == "end" ? x - width : x - width / 2;
    EXPECT_GE(left, -0.1) << at->str();
    EXPECT_LE(left + width, 360.1) << at->str();
  }
  EXPECT_EQ(seen, 4 + 16 * 2);
}

}  // namespace
}  // namespace picture
