// What others do to our tables is heard of, and what we do ourselves leaves nothing to mend.
#include "kernel_fixture.hpp"
#include "platform/nft/generation.hpp"
#include "platform/nft/watch.hpp"

namespace nft_test {
namespace {

using nft::Change;
using policy::Snapshot;

class KernelWatch : public Kernel {
 protected:
  void SetUp() override {
    Kernel::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    const support::Inside there(path_.gateway);
    watch_.emplace(nft::Watch::open().value());
  }
  void load_all() { load(policy_); }
  /// With the number of the edition in force for each `$`.
  std::string in_edition(std::string text) const {
    const std::string number = std::to_string(static_cast<std::uint32_t>(edition_));
    for (auto at = text.find('$'); at != std::string::npos; at = text.find('$')) text.replace(at, 1, number);
    return text;
  }
  void others(const std::string& text) {
    const support::Inside there(path_.gateway);
    ASSERT_TRUE(support::run({"nft", text})) << text;
  }
  /// Events are queued before the transaction's own answer, so nothing needs to be waited for.
  Change guard() { return watch_->read().guard; }

  static policy::Rule opening_rule() {
    auto all = rule("all", {"10.1.0.0/24"}, {"10.2.0.0/16"});
    all.on_failure = policy::OnFailure::kBypass;
    return all;
  }

  const Snapshot policy_{std::vector{opening_rule()}};
  std::optional<nft::Watch> watch_;
};

TEST_F(KernelWatch, OurOwnTransactionsLeaveNothingToMend) {
  load_all();
  EXPECT_EQ(guard(), Change::kNone);
  load_all();
  EXPECT_EQ(guard(), Change::kNone) << "replaced as a whole";
  const auto selector = base::Selector::of(flow("tcp 10.1.0.2:4000 > 10.2.0.7:80"));
  load_text(nft::tunnels_ruleset(std::array{selector}, edition_));
  load_text(nft::tunnels_ruleset({}, edition_));
  EXPECT_EQ(guard(), Change::kNone);
  EXPECT_EQ(guard(), Change::kNone) << "nothing waits";
}

TEST_F(KernelWatch, WhateverOthersTakeAwayIsNoticedOnce) {
  const auto selector = base::Selector::of(flow("tcp 10.1.0.2:4000 > 10.2.0.7:80"));
  for (const std::string pattern :
       {"delete table inet opented", "flush ruleset", "flush table inet opented", "flush chain inet opented input",
        "flush chain inet opented tunnels.$", "delete table inet opented; table inet opented { }",
        "table inet opented { flags dormant; }", "delete element inet opented open4_0.$ { 10.2.0.7 }"}) {
    load_all();
    const std::string text = in_edition(pattern);
    load_text(nft::tunnels_ruleset(std::array{selector}, edition_) +
              in_edition("add element inet opented open4_0.$ { 10.2.0.7 }\n"));
    EXPECT_EQ(guard(), Change::kNone) << text;
    others(text);
    EXPECT_EQ(guard(), Change::kDamaged) << text;
    EXPECT_EQ(guard(), Change::kNone) << text;
  }
}

TEST_F(KernelWatch, OurOwnRepairsDoNotHideWhatComesAfterThem) {
  load_all();
  others("flush table inet opented");
  load_all();
  others("flush chain inet opented output");
  load_text(nft::tunnels_ruleset({}, edition_));
  EXPECT_EQ(guard(), Change::kDamaged);
}

TEST_F(KernelWatch, TheKernelCountsTransactionsAndNamesWhoRanThem) {
  const support::Inside there(path_.gateway);
  const auto before = nft::generation().value();
  load_all();
  const auto after = nft::generation().value();
  EXPECT_EQ(after.number, before.number + client_->transactions());
  EXPECT_NE(after.asker, 0U);
  EXPECT_EQ(after.asker, before.asker);
}

TEST_F(KernelWatch, WhatWasPutBackMeanwhileIsNoLoss) {
  load_all();
  others("delete table inet opented");
  load_all();
  EXPECT_EQ(guard(), Change::kNone);
}

// An `accept` at the head of a chain opens as much as no chain at all.
TEST_F(KernelWatch, WhateverOthersPutInIsNoticedAndUndone) {
  load_all();
  const auto plain = flow("udp 10.1.0.2:4000 > 10.2.0.7:80");
  ASSERT_FALSE(passes(plain));
  for (const std::string pattern :
       {"insert rule inet opented forward accept", "insert rule inet opented leaving.$ accept",
        "add rule inet opented tunnels.$ accept", "add element inet opented open4_0.$ { 10.2.0.7 }",
        "add chain inet opented theirs; insert rule inet opented leaving.$ jump theirs",
        "add set inet opented s { type ipv4_addr; }; insert rule inet opented leaving.$ ip daddr @s accept",
        "add map inet opented m { type ipv4_addr : verdict; }",
        "table inet opented { chain theirs { type filter hook forward priority 400; }; }",
        "chain inet opented forward { policy drop; }"}) {
    const std::string text = in_edition(pattern);
    ASSERT_EQ(guard(), Change::kNone) << text;
    others(text);
    EXPECT_EQ(guard(), Change::kDamaged) << text;
    load_all();
    EXPECT_EQ(guard(), Change::kNone) << text;
    const auto left = client_->list("inet opented").value();
    for (const std::string_view theirs : {"theirs", "set s ", "map m ", "policy drop", "@s accept"})
      EXPECT_FALSE(left.contains(theirs)) << text << left;
    EXPECT_FALSE(passes(plain)) << text;
  }
}

TEST_F(KernelWatch, OtherTablesAreNobodysLoss) {
  load_all();
  others("table inet other { chain c { counter; }; }");
  others("insert rule inet other c accept");
  others("delete table inet other");
  others("table ip opented { chain c { counter; }; }");
  others("delete table ip opented");
  EXPECT_EQ(guard(), Change::kNone) << "a table of another family has the name as well";
}

TEST_F(KernelWatch, MoreThanTheKernelCanTellIsUnknown) {
  {
    const support::Inside there(path_.gateway);
    watch_.emplace(nft::Watch::open(4096).value());
  }
  std::string text = "table inet other { chain c {\n";
  for (int i = 0; i < 1000; ++i) text += "counter\n";
  others(text + "}\n}\n");
  EXPECT_EQ(guard(), Change::kUnknown);
  EXPECT_EQ(guard(), Change::kNone) << "and it goes on listening";
}

TEST_F(KernelWatch, TheInterceptionIsToldApart) {
  const nft::InterceptOptions wire{kProbeGroup, kResponseGroup, {"wan0"}, {}};
  load_all();
  load_text(nft::interception_ruleset(policy_, wire));
  load_text(nft::interception_ruleset(policy_, wire));
  EXPECT_EQ(watch_->read().interception, Change::kNone);
  load_text("delete table inet opented_wire");
  EXPECT_EQ(watch_->read().interception, Change::kNone) << "on purpose";
  others("add table inet opented_wire");
  const auto changes = watch_->read();
  EXPECT_EQ(changes.interception, Change::kDamaged);
  EXPECT_EQ(changes.guard, Change::kNone);
}

}  // namespace
}  // namespace nft_test
