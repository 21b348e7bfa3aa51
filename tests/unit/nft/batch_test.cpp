// Transactions in the kernel's own form, byte by byte where it matters.
#include "platform/nft/batch.hpp"

#include <gtest/gtest.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <vector>

#include "platform/nft/attributes.hpp"
#include "platform/nft/edition.hpp"
#include "platform/nft/rule_message.hpp"

namespace nft {
namespace {

TEST(Edition, IsWhatANameEndsIn) {
  EXPECT_EQ(named("leaving", Edition{7}), "leaving.7");
  EXPECT_EQ(edition_of("to4_12.7"), Edition{7});
  for (const char* other : {"leaving", "leaving.", "leaving.x", "leaving.7x", "", "."}) {
    EXPECT_FALSE(edition_of(other)) << other;
  }
}

TEST(Batch, AQuestionNamesTheTableAndTheChain) {
  const base::Bytes question = Batch::question(NFT_MSG_GETRULE, "forward");
  std::vector<std::string> said;
  visit_messages(question, [&](const nlmsghdr& head, base::ByteView body) {
    EXPECT_EQ(head.nlmsg_type, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETRULE);
    visit_attributes(body.subspan(sizeof(nfgenmsg)),
                     [&](int, base::ByteView value) { said.emplace_back(text_of(value)); });
  });
  EXPECT_EQ(said, (std::vector<std::string>{"opented", "forward"}));
}

TEST(Batch, ElementsBeyondOneMessageAreLeftForTheNext) {
  const std::vector<Element> elements(10'000, Element{1, Verdict{NFT_GOTO, "to4_1.3"}});
  Batch batch;
  std::size_t messages = 0;
  for (std::span<const Element> rest = elements; !rest.empty(); ++messages) {
    const std::size_t before = batch.size();
    const std::size_t taken = add_elements(batch, {"to4_9.3"}, 4, rest);
    ASSERT_GT(taken, 0U);
    EXPECT_LT(batch.size() - before, Batch::kMaxAttributeBytes);
    rest = rest.subspan(taken);
  }
  EXPECT_GT(messages, 1U);
  EXPECT_FALSE(batch.full());
}

// What follows a map in its batch speaks of it by its number as well; by its name alone when it has one.
TEST(Batch, AMapWithoutANameHasANumber) {
  for (const bool nameless : {false, true}) {
    Batch batch;
    add_chain(batch, "to4_9.3");
    const Map map = add_map(batch, nameless ? kNameless : "to4_9.3", 7, 4);
    EXPECT_EQ(map.name, nameless ? "__map%d" : "to4_9.3");
    EXPECT_NE(map.number, 0U);
    EXPECT_NE(add_map(batch, kNameless, 7, 4).number, map.number);
  }
}

TEST(Batch, ValuesAreAsInAPacket) {
  const Value number(0x0a010203, 4);
  const base::ByteView value = number;
  EXPECT_EQ(base::Bytes(value.begin(), value.end()), (base::Bytes{10, 1, 2, 3}));
}

TEST(Attributes, WhatIsCutShortIsNotRead) {
  const base::Bytes cut{8, 0, 1, 0, 'a', 'b'};
  EXPECT_TRUE(attribute_in(cut, 1).empty());
  EXPECT_TRUE(attribute_in(base::ByteView(cut).first(3), 1).empty());
}

}  // namespace
}  // namespace nft
