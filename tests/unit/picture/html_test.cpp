// Text that comes from anybody is text in a page, wherever it stands.
#include "picture/html.hpp"

#include <gtest/gtest.h>
#include <string>

#include "picture/svg.hpp"

namespace picture {
namespace {

TEST(Escaped, MarkupIsText) {
  EXPECT_EQ(escaped("<b a='1' c=\"2\">&amp;"), "&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;amp;");
  EXPECT_EQ(escaped("gw-b.example 10.1.0.0/16 > ü … 日本 🙂\n"), "gw-b.example 10.1.0.0/16 &gt; ü … 日本 🙂\n");
}

TEST(Escaped, WhatAPageMayNotHaveIsReplaced) {
  const std::string mark = "\xef\xbf\xbd";
  EXPECT_EQ(escaped(std::string("\0\x1b[31m\x7f\t", 8)), mark + mark + "[31m" + mark + mark);
  EXPECT_EQ(escaped("\xc2\x9b"), mark + mark);                                   // a control character of two bytes
  EXPECT_EQ(escaped("\xff\xc0\xaf\xe2\x82"), mark + mark + mark + mark + mark);  // no UTF-8, too long a form, too short
  EXPECT_EQ(escaped("\xed\xa0\x80"), mark + mark + mark);                        // half a pair of UTF-16
  EXPECT_EQ(escaped("\xf4\x90\x80\x80"), mark + mark + mark + mark);
  EXPECT_EQ(escaped("a\xe2\x80\xae"
                    "b"),
            "a" + mark + mark + mark + "b");  // it would turn the text around
}

TEST(Page, ForbidsItselfToLoadAnything) {
  const std::string text = page("<t>", "<p>x</p>");
  EXPECT_NE(text.find("default-src 'none'"), std::string::npos);
  EXPECT_NE(text.find("<title>&lt;t&gt;</title>"), std::string::npos);
  EXPECT_EQ(text.find("http"), text.find("http-equiv"));
  EXPECT_EQ(text.find("http", text.find("http-equiv") + 1), std::string::npos);
}

TEST(Svg, LabelsCannotLeaveTheirAttribute) {
  EXPECT_EQ(svg(10, "a' onload='x", ""),
            "<svg viewBox='0 0 360 10.0' role='img' aria-label='a&#39; onload=&#39;x'></svg>\n");
}

TEST(Shortened, CountsCharacters) {
  EXPECT_EQ(shortened("abc", 3), "abc");
  EXPECT_EQ(shortened("abcd", 3), "ab…");
  EXPECT_EQ(shortened("äöüß", 3), "äö…");
  EXPECT_EQ(shortened("", 3), "");
}

}  // namespace
}  // namespace picture
