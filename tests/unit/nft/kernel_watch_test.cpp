// What others do to our tables is heard of, and what we do ourselves leaves nothing to mend.
#include "kernel_fixture.hpp"
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
    other_.emplace(nft::Client::open().value());
  }
  void load_all() { load(policy_); }
  void others(const char* text) { ASSERT_TRUE(other_->run(text)); }
  /// Events are queued before the transaction's own answer, so nothing needs to be waited for.
  Change guard() { return watch_->read().guard; }

  const Snapshot policy_{std::vector{rule("all", {"10.1.0.0/24"}, {"10.2.0.0/16"})}};
  std::optional<nft::Watch> watch_;
  std::optional<nft::Client> other_;
};

TEST_F(KernelWatch, OurOwnTransactionsLeaveNothingToMend) {
  load_all();
  EXPECT_EQ(guard(), Change::kNone);
  load_all();
  EXPECT_EQ(guard(), Change::kNone) << "replaced as a whole";
  const auto selector = base::Selector::of(flow("tcp 10.1.0.2:4000 > 10.2.0.7:80"));
  load_text(nft::tunnels_ruleset(std::array{selector}));
  load_text(nft::tunnels_ruleset({}));
  EXPECT_EQ(guard(), Change::kNone);
  EXPECT_EQ(guard(), Change::kNone) << "nothing waits";
}

TEST_F(KernelWatch, ARemovedGuardIsNoticedOnce) {
  for (const char* text : {"delete table inet opented", "flush ruleset"}) {
    load_all();
    others(text);
    EXPECT_EQ(guard(), Change::kRemoved) << text;
    EXPECT_EQ(guard(), Change::kNone) << text;
  }
}

TEST_F(KernelWatch, WhatWasPutBackMeanwhileIsNoLoss) {
  load_all();
  others("delete table inet opented");
  load_all();
  EXPECT_EQ(guard(), Change::kNone);
}

TEST_F(KernelWatch, AnEmptiedGuardIsDamaged) {
  load_all();
  for (const char* text : {"flush table inet opented", "flush chain inet opented input"}) {
    load_all();
    others(text);
    EXPECT_EQ(guard(), Change::kDamaged) << text;
  }
}

TEST_F(KernelWatch, OtherTablesAndAdditionsAreNobodysLoss) {
  load_all();
  others("table inet other { chain c { counter; }; }");
  others("insert rule inet opented forward meta nftrace set 1");
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
  others((text + "}\n}\n").c_str());
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
  const auto changes = watch_->read();
  EXPECT_EQ(changes.interception, Change::kRemoved);
  EXPECT_EQ(changes.guard, Change::kNone);
}

}  // namespace
}  // namespace nft_test
