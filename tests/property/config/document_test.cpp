// A document says the same in pieces and as a whole, whatever is in it.
#include "config/document.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <string>
#include <vector>

#include "support/document_text.hpp"

namespace config_property {

namespace {

/// Lines that end up in any order: headers, values that are whole, and such as begin or end in some line.
const std::vector<std::string> kLines = {"[[rule]]",
                                         "[[rule]]",
                                         "[[rule]]",
                                         "[[rule]]",
                                         "[[rule]]",
                                         "  [[rule]]",
                                         "[[rule]] # again",
                                         "[[ rule ]]",
                                         "[[rule.sub]]",
                                         "[rule.sub]",
                                         "[rule]",
                                         "[gateway]",
                                         "[ike]",
                                         "rule = 1",
                                         "rule = []",
                                         "a = 1",
                                         "b = \"x\"",
                                         "c = 'y'",
                                         "d = true",
                                         "e = [\"1\", 2, false]",
                                         "f = []",
                                         "g = [ # open",
                                         "1, 2,",
                                         "\"z\"",
                                         "]",
                                         "] # closed",
                                         ",",
                                         "h = '''",
                                         "'''",
                                         "i = \"\"\"",
                                         "\"\"\"",
                                         "j = 1.5",
                                         "k.l = 1",
                                         "m = { n = 1 }",
                                         "o = \"\\u0041\"",
                                         "p = \"\xc3\xa4\"",
                                         "# plain",
                                         "# \xc3\xbc",
                                         "",
                                         "  ",
                                         "q = 007",
                                         "r = 1 2",
                                         "s",
                                         "t = 2020-01-01",
                                         "u = 0x10",
                                         "v = [[1]]",
                                         "w =",
                                         "\r",
                                         "x = 9223372036854775808",
                                         "\xff"};

std::string document(const std::vector<std::string>& lines, bool ends) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  if (!ends && !text.empty()) text.pop_back();
  return text;
}

/// Mostly lines after which a document goes on, so that many are read to their end.
rc::Gen<std::string> any_line() {
  const auto right = rc::gen::elementOf(std::vector<std::string>(kLines.begin(), kLines.begin() + 7));
  const auto value = rc::gen::map(
      rc::gen::pair(rc::gen::inRange('a', 'z'),
                    rc::gen::elementOf(std::vector<std::string>{"1", "\"x\"", "'y' # c", "[ 1 , \"2\" ]", "[\n1,\n]",
                                                                "1.5", "\"\\t\"", "{ z = 1 }", "'''\n[[rule]]\n'''"})),
      [](const auto& pair) { return std::string(1, pair.first) + " = " + pair.second; });
  return rc::gen::weightedOneOf<std::string>({{4, right}, {8, value}, {1, rc::gen::elementOf(kLines)}});
}

}  // namespace

RC_GTEST_PROP(Document, SaysTheSameInPieces, ()) {
  const auto text = document(*rc::gen::container<std::vector<std::string>>(any_line()), *rc::gen::arbitrary<bool>());
  const auto bytes = *rc::gen::inRange<std::size_t>(1, 64);
  const auto whole = config::read_document(text);
  RC_CLASSIFY(whole.has_value());
  RC_ASSERT(document_text::text_in_pieces(text, bytes) == document_text::text(whole));
}

RC_GTEST_PROP(Document, SaysTheSameInPiecesOfAnyLines, ()) {
  const auto text =
      document(*rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(kLines)), *rc::gen::arbitrary<bool>());
  RC_ASSERT(document_text::text_in_pieces(text, 1) == document_text::text(config::read_document(text)));
}

}  // namespace config_property
