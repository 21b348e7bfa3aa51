#include "daemon/last_good.hpp"

#include <fstream>
#include <gtest/gtest.h>

#include "support/folder.hpp"

namespace tedd {
namespace {

base::Prefix prefix(const char* text) {
  return base::Prefix::parse(text).value();
}

config::NetworksByName networks() {
  return {{"lan0", {{prefix("10.1.0.0/16")}, {prefix("10.1.0.0/16"), prefix("2001:db8::/64")}}},
          {"pod*", {{}, {prefix("10.9.0.1/32")}}}};
}

class Folder : public testing::Test {
 protected:
  [[nodiscard]] std::string content(const char* name) const { return of_test_.content(name); }

  const support::Folder of_test_;
  const std::string& folder_ = of_test_.path();
};

TEST(LastGood, WhatIsKeptIsOneFileForPeopleToo) {
  const Kept kept{"# a file\n[gateway]", networks()};
  EXPECT_EQ(text(kept),
            "# a file\n[gateway]\n"
            "# tedd: what interfaces stood for when this was in force\n"
            "# interface lan0 present 10.1.0.0/16\n"
            "# interface lan0 held 10.1.0.0/16\n"
            "# interface lan0 held 2001:db8::/64\n"
            "# interface pod* held 10.9.0.1/32\n"
            "# tedd: end\n");
  EXPECT_EQ(parse_kept(text(kept)), kept);
  EXPECT_EQ(parse_kept(text(Kept{text(kept), {}})), (Kept{text(kept), {}}))
      << "a file that was kept, and is used again";
}

TEST(LastGood, WhatIsNotWholeIsNothing) {
  const std::string whole = text(Kept{"# a file\n", networks()});
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_EQ(parse_kept(whole.substr(0, length)), std::nullopt) << length;
  }
  for (const char* line :
       {"x", "# interface lan0 held", "# interface lan0 once 10.0.0.0/8", "# interface lan0 held 10.0.0.1/8",
        "# interface lan0 held 10.0.0.0/8 more", "# network lan0 held 10.0.0.0/8", "interface lan0 held 10.0.0.0/8"}) {
    std::string with = text(Kept{});
    with.insert(with.rfind("# tedd: end"), std::string(line) + "\n");
    EXPECT_EQ(parse_kept(with), std::nullopt) << line;
  }
}

TEST_F(Folder, KeepsWhatWasInForceLast) {
  const LastGood last_good(folder_);
  ASSERT_TRUE(last_good.keep("# one\n", networks()));
  EXPECT_EQ(last_good.networks(), networks());
  ASSERT_TRUE(last_good.keep("# two\n", {}));
  EXPECT_EQ(parse_kept(content("last-good.toml")), (Kept{"# two\n", {}}));
  ASSERT_TRUE(last_good.keep(networks()));
  EXPECT_EQ(parse_kept(content("last-good.toml")), (Kept{"# two\n", networks()}));
}

TEST_F(Folder, SaysWhatCannotBeWritten) {
  const auto done = LastGood(folder_ + "/nowhere").keep("", {});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error(), folder_ + "/nowhere/last-good.toml cannot be written: No such file or directory");
}

TEST(LastGood, WithoutAFolderNothingIsKept) {
  EXPECT_TRUE(LastGood("").keep("# one\n", networks()));
  EXPECT_TRUE(LastGood("").keep(networks()));
  EXPECT_TRUE(LastGood("").networks().empty());
}

}  // namespace
}  // namespace tedd
