// The live screen as text, and tables that fit.
#include "cli/screen.hpp"

#include <gtest/gtest.h>

#include "cli/columns.hpp"

namespace cli {
namespace {

const control::Timestamp kTime{std::chrono::milliseconds(1790000000123)};

ScreenData data() {
  ScreenData data;
  data.status.version = "0.1.0";
  data.status.state = "running";
  data.status.guard = "in force";
  data.status.charon_connected = true;
  data.status.addresses = {base::Address::parse("192.0.2.1").value()};
  const base::Selector selector{
      {}, *base::MaskedAddress::parse("10.1.0.0/16"), *base::MaskedAddress::parse("10.2.0.0/16"), {}, {}};
  for (std::uint32_t i = 0; i < 30; ++i) {
    data.tunnels.push_back({base::Address::v4(0xc0000200 + i), "branches", "up", {selector}, kTime, {}, true});
  }
  for (int i = 0; i < 50; ++i) {
    data.events.push_back(
        {"TED-TUNNEL-UP", kTime, "event " + std::to_string(i) + " \x1b[31m\n", {{"peer", "192.0.2.9"}}});
  }
  return data;
}

TEST(Screen, FitsAnySize) {
  for (const TerminalSize size : {TerminalSize{80, 24}, {20, 5}, {1, 1}, {200, 100}, {40, 3}, {0, 0}}) {
    const auto lines = screen(data(), size, false);
    EXPECT_EQ(lines.size(), size.rows);
    for (const std::string& line : lines) {
      EXPECT_LE(length_of(line), size.columns) << line;
      EXPECT_EQ(line.find_first_of("\x1b\n"), std::string::npos) << line;
    }
  }
}

TEST(Screen, ShowsTheLatestAndHowManyMoreThereAre) {
  const auto lines = screen(data(), {100, 24}, false);
  EXPECT_EQ(lines[0], "tedd 0.1.0  192.0.2.1  running  for 0 ms");
  EXPECT_NE(lines[22].find("event 49 \\x1b[31m  peer=192.0.2.9"), std::string::npos) << lines[22];
  EXPECT_EQ(lines[23], "q leaves");
  EXPECT_TRUE(std::ranges::any_of(
      lines, [](const auto& line) { return line.find(" more: 'tedctl tunnels'") != std::string::npos; }));
}

TEST(Screen, SaysInWordsWhatItSaysWithColour) {
  auto bad = data();
  bad.status.charon_connected = false;
  bad.status.openings = 2;
  const auto plain = screen(bad, {80, 24}, false);
  EXPECT_NE(plain[1].find("strongSwan AWAY"), std::string::npos);
  EXPECT_EQ(plain[2], "OPEN in the clear: 2 destinations");
  EXPECT_EQ(screen(bad, {80, 24}, true)[2], "\x1b[31mOPEN in the clear: 2 destinations\x1b[0m");
}

std::vector<std::string> texts(const std::vector<TableLine>& lines) {
  std::vector<std::string> all;
  for (const TableLine& line : lines) all.push_back(line.text);
  return all;
}

TEST(Columns, TheLastOneGoesOnBelowItself) {
  const Rows rows{{"A", "SELECTORS"}, {"x", "any 10.1.0.0/16 > 10.2.0.0/16, any 10.1.0.0/16 > 10.3.0.0/16"}};
  EXPECT_EQ(lay_out(rows, 0).size(), 2U);
  const auto lines = lay_out(rows, 40);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[1].text, "x  any 10.1.0.0/16 > 10.2.0.0/16, any");
  EXPECT_EQ(lines[2].text, "   10.1.0.0/16 > 10.3.0.0/16");
  EXPECT_EQ(lines[0].row, 0U);
  EXPECT_EQ(lines[1].row, 1U);
  EXPECT_EQ(lines[2].row, 1U);
}

TEST(Columns, WithoutRoomEachRowIsABlock) {
  const Rows rows{{"PEER", "RULE", "STATE"}, {"2001:db8:1:2:3:4:5:6", "branches", "up"}, {"192.0.2.2", "web", "up"}};
  EXPECT_EQ(texts(lay_out(rows, 36)),
            (std::vector<std::string>{"PEER   2001:db8:1:2:3:4:5:6", "RULE   branches", "STATE  up", "",
                                      "PEER   192.0.2.2", "RULE   web", "STATE  up"}));
}

TEST(Columns, CountCharactersAndNotBytes) {
  EXPECT_EQ(texts(lay_out({{"A", "B"}, {"ü", "x"}, {"uu", "y"}}, 0)),
            (std::vector<std::string>{"A   B", "ü   x", "uu  y"}));
  EXPECT_EQ(cut("äöü", 2), "ä…");
  EXPECT_EQ(printable("a\xc2\x9b"
                      "b\x1b"),
            "a\\xc2\\x9b"
            "b\\x1b");
}

}  // namespace
}  // namespace cli
