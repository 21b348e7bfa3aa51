#include "config/document.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "config/pieces.hpp"
#include "config/plain_rules.hpp"
#include "support/document_text.hpp"
#include "unit/config/text.hpp"

namespace config_test {

namespace {

constexpr std::size_t kEachRule = 1;  // of piece_bytes: a rule a piece

std::string in_pieces(const std::string& text) {
  return document_text::text_in_pieces(text, kEachRule);
}
std::string whole(const std::string& text) {
  return document_text::text(config::read_document(text));
}

std::vector<std::string> pieces_of(const std::string& text, std::size_t bytes = kEachRule) {
  std::vector<std::string> pieces;
  for (const auto& piece : config::cut_at_rules(text, bytes)) {
    pieces.push_back(std::to_string(piece.first_line) + ":" + std::string(piece.text));
  }
  return pieces;
}

bool is_plain(const std::string& text) {
  return config::read_plain_rules(text, 1).has_value();
}

/// `LINE:COLUMN` of the first mistake.
std::string place_of(const std::string& text) {
  const std::string mistakes = mistakes_of(text);
  const auto begin = mistakes.find(':') + 1;
  return mistakes.substr(begin, mistakes.find(':', mistakes.find(':', begin) + 1) - begin);
}

const std::string kRule = "[[rule]]\nname = 'a'\n";

}  // namespace

TEST(Pieces, BeginWithALineThatIsAHeaderAndNothingElse) {
  using Pieces = std::vector<std::string>;
  EXPECT_EQ(pieces_of(""), Pieces{"1:"});
  EXPECT_EQ(pieces_of("a = 1\n"), Pieces{"1:a = 1\n"});
  EXPECT_EQ(pieces_of("[[rule]]\n"), (Pieces{"1:", "1:[[rule]]\n"}));
  EXPECT_EQ(pieces_of("a = 1\n\n[[rule]]\nb = 2\n[[rule]]\n"),
            (Pieces{"1:a = 1\n\n", "3:[[rule]]\nb = 2\n", "5:[[rule]]\n"}));
  EXPECT_EQ(pieces_of("a\n [[rule]]\n[[rule]] \n[[rule]]\r\nx[[rule]]\n[[rule]]").size(), 1U);
}

TEST(Pieces, AreAsLongAsWanted) {
  std::string text = "a = 1\n";
  for (int i = 0; i < 100; ++i) text += kRule;
  const auto pieces = config::cut_at_rules(text, 10 * kRule.size());
  ASSERT_EQ(pieces.size(), 11U);
  std::string together;
  for (const auto& piece : pieces) together += piece.text;
  EXPECT_EQ(together, text);
  EXPECT_EQ(pieces[10].first_line, 2 + 90 * 2U);
}

TEST(PlainRules, AreReadAsTheLibraryReadsThem) {
  const std::string text =
      "# first\n\n  [[rule]] # second\n\tname\t=\t\"a b\"# third\nlocal = [ \"1\", '2\\n',  # fourth\n\n 3,\ttrue , ]\n"
      "remote=[]\nport = 9223372036854775807\nzero = 0\nyes = true\nno = false\nrule = ''\n[[rule]]\n[[rule]]\n1-_A = "
      "\"\"";
  const auto plain = config::read_plain_rules(text, 1);
  ASSERT_TRUE(plain);
  const config::Table rules{{"rule", {3, 5}, {*plain, {3, 3}}}};
  EXPECT_EQ(document_text::text(rules), whole(text));
}

TEST(PlainRules, AreNothingElse) {
  for (const char* line : {"a = 1\n[x]",
                           "a = 007",
                           "a = +1",
                           "a = 1_0",
                           "a = 0x1",
                           "a = 1.5",
                           "a = 1e3",
                           "a = 9223372036854775808",
                           "a = 12:00:00",
                           "a = 2020-01-01",
                           "a = inf",
                           "a = \"\\n\"",
                           "a = \"\"\"x\"\"\"",
                           "a = '''x'''",
                           "a = \"\xc3\xa4\"",
                           "# \xc3\xa4",
                           "a = \"\x7f\"",
                           "# \x01",
                           "a = {}",
                           "a = [[]]",
                           "a = [{}]",
                           "a.b = 1",
                           "\"a\" = 1",
                           "a = 1\na = 2",
                           "a = 1\r",
                           "a = [1 2]",
                           "a = [,]",
                           "a = [1,,2]",
                           "a = [",
                           "a = [1",
                           "a = [1,",
                           "a = \"x",
                           "a = true1",
                           "a = True",
                           "a =",
                           "a",
                           "= 1",
                           "a = 1 2",
                           "[[rule]]x",
                           "[[ rule ]]",
                           "[rule.b]",
                           "[[other]]",
                           "\xef\xbb\xbf"}) {
    EXPECT_FALSE(is_plain("[[rule]]\n" + std::string(line) + "\n")) << line;
  }
  EXPECT_FALSE(is_plain("a = 1\n"));
  EXPECT_TRUE(is_plain("[[rule]]\na = 1\n"));
}

TEST(Document, IsTheSameInPiecesThatAreNotPlain) {
  for (const char* rule :
       {"a = \"\\n\"", "a = 1.5", "a.b = 2", "# \xc3\xa4", "[rule.sub]\nx = 1", "[[rule.sub]]\n[[rule.sub]]",
        "a = '''\nx\n'''", "b = [[1], [\n2]]", "b = { c = 1 }", "[[ rule ]]\nz = 1"}) {
    const std::string text = "top = 1\n[gateway]\n" + kRule + kRule + rule + "\n" + kRule + "last = [\n1,\n1.5]\n";
    EXPECT_EQ(in_pieces(text), whole(text)) << rule;
    EXPECT_TRUE(config::read_in_pieces(
        text, kEachRule, [](const config::Table&) {}, [](const config::List&) {}))
        << rule;
  }
}

TEST(Document, IsNotCutInsideAValue) {
  for (const char* rule : {"a = '''\n[[rule]]\n'''", "a = \"\"\"\n[[rule]]\nb = 1\n\"\"\"", "a = [\n[[rule]]\n]",
                           "a = [ '''\n[[rule]]\n''' ]"}) {
    const std::string text = kRule + rule + "\n" + kRule;
    EXPECT_EQ(in_pieces(text), whole(text)) << rule;
  }
}

TEST(Document, IsReadAsAWholeWhenItsPiecesSayMore) {
  for (const char* text :
       {"rule = 1\n[[rule]]\n", "[rule]\n[[rule]]\n", "[[rule]] \nx = 1\n[[rule]]\n",
        "[[rule]]\n[gateway]\nx = 1\n[[rule]]\n", "[a]\n[[rule]]\n[a]\n[[rule]]\n", "[[rule]]\n[rule]\n[[rule]]\n",
        "rule.x = 1\n[[rule]]\n", "rule = [1]\n[[rule]]\n", "rule = []\n[[rule]]\n"}) {
    EXPECT_EQ(in_pieces(text), whole(text)) << text;
  }
}

// Wherever a mistake is, it is told with the place that it has in the whole file.
TEST(Document, NamesPlacesInTheFile) {
  std::string many = kHead;
  for (int i = 0; i < 800; ++i) {
    many += "[[rule]]\nname = \"r" + std::to_string(i) +
            "\"\naction = \"protect\"\nlocal = [\"10.1.0.0/16\"]\nremote = [\"10.2.0.0/16\"]\n";
  }
  ASSERT_GT(many.size(), 3 * config::kPieceBytes);
  ASSERT_EQ(mistakes_of(many), "");
  const auto with = [&](int rule, const std::string& old, const std::string& text) {
    std::string changed = many;
    const auto place = changed.find(old, changed.find("\"r" + std::to_string(rule) + "\""));
    return changed.replace(place, old.size(), text);
  };
  EXPECT_EQ(place_of(with(600, "/16", "/33")), "3009:10");
  EXPECT_EQ(mistakes_of(with(600, "\"r600\"", "\"r7\"")),
            "t.toml:3007:8: the name 'r7' is given twice (the first rule of that name is in line 41)\n");
  EXPECT_EQ(place_of(with(600, "action", "acton")), "3006:1");
  EXPECT_EQ(mistakes_of(with(799, "protect", "prot\\u0065ct")), "");
  EXPECT_EQ(place_of(with(799, "protect", "prot\\u0065ckt")), "4003:10");
  EXPECT_EQ(place_of(with(799, "\"protect\"", "\"protect")), "4003:18");
  EXPECT_NE(
      mistakes_of(with(300, "name", "[rules]\nname")).find("\nt.toml:1512:2: the file has the unknown key 'rules'"),
      std::string::npos);
  const std::string two = with(799, "/16", "/99") + "[extra]\n";
  EXPECT_EQ(place_of(two), "4004:10");
}

}  // namespace config_test
