#include "policy/halves.hpp"

#include <gtest/gtest.h>

#include "policy/sound.hpp"
#include "unit/policy/build.hpp"

namespace policy_test {

using policy::RuleIndex;
using policy::Snapshot;

const auto kOut = flow("tcp 10.1.0.5:40000 > 10.2.0.7:443");
const auto kIn = flow("udp 10.2.0.7:500 > 10.1.0.5:40000");

base::MaskedAddress half(const char* text) {
  return *base::MaskedAddress::parse(text);
}
std::string merged(const Snapshot& snapshot, const char* theirs, const base::Flow& packet = kOut) {
  const auto both = policy::merge(snapshot, packet, half(theirs));
  return both ? both->text() : both.error();
}
std::string answered(const Snapshot& snapshot, const char* theirs, const base::Flow& packet = kIn) {
  const auto mine = policy::responder_half(snapshot, *snapshot.first_match(packet), packet, half(theirs));
  return mine ? mine->text() : "nothing";
}

TEST(Merge, IsOneHalfTimesTheOther) {
  EXPECT_EQ(merged(Snapshot({protect("branch", box("any", "10.1.0.0/16", "10.0.0.0/8"))}), "10.2.0.0/24"),
            "any 10.1.0.0/16 > 10.2.0.0/24");
}

// The form has neither; our own rule's go with our own half.
TEST(Merge, HasOurProtocolAndPorts) {
  EXPECT_EQ(merged(Snapshot({protect("web", box("tcp", "10.1.0.0/16", "10.0.0.0/8", "any", "443"))}), "10.2.0.0/24"),
            "tcp 10.1.0.0/16 > 10.2.0.0/24:443");
}

// What the seed's background names: this end restricts the destination, and the other one cannot know.
TEST(Merge, IsRefusedBeyondOurOwnRule) {
  EXPECT_EQ(merged(Snapshot({protect("branch", box("any", "10.1.0.0/16", "10.2.0.0/25"))}), "10.2.0.0/24"),
            "the merged proxies any 10.1.0.0/16 > 10.2.0.0/24 are not all this gateway's to protect: rule 'branch' "
            "protects any 10.1.0.0/16 > 10.2.0.0/25");
}

TEST(Merge, IsRefusedWhereAnEarlierRuleTakesSome) {
  const Snapshot snapshot({bypass("dns", box("any", "10.1.0.0/16", "10.2.0.53/32")),
                           protect("branch", box("any", "10.1.0.0/16", "10.0.0.0/8"))});
  EXPECT_EQ(merged(snapshot, "10.2.0.0/24"),
            "the merged proxies any 10.1.0.0/16 > 10.2.0.0/24 are not all this gateway's to protect: rule 'dns' comes "
            "first for any 10.1.0.0/16 > 10.2.0.53/32");
  EXPECT_EQ(merged(snapshot, "10.2.0.0/27"), "any 10.1.0.0/16 > 10.2.0.0/27");
}

TEST(Merge, GoesWithoutOtherProtocolsWhereAnEarlierRuleTakesOne) {
  const Snapshot snapshot({bypass("dns", box("udp", "10.1.0.0/16", "10.2.0.53/32", "any", "53")),
                           protect("branch", box("any", "10.1.0.0/16", "10.0.0.0/8"))});
  EXPECT_EQ(merged(snapshot, "10.2.0.0/24"), "tcp 10.1.0.0/16 > 10.2.0.0/24");
  EXPECT_EQ(merged(snapshot, "10.2.0.0/27"), "any 10.1.0.0/16 > 10.2.0.0/27");
}

TEST(Merge, GoesAroundEarlierRulesOnOurSide) {
  const Snapshot snapshot({bypass("printer", box("any", "10.1.128.0/17", "0.0.0.0/0")),
                           protect("branch", box("any", "10.1.0.0/16", "10.0.0.0/8"))});
  EXPECT_EQ(merged(snapshot, "10.2.0.0/24"), "any 10.1.0.0/17 > 10.2.0.0/24");
}

TEST(Merge, RefusesHalvesOfNoUse) {
  const Snapshot snapshot({protect("branch", box("any", "10.1.0.0/16", "10.0.0.0/8"))});
  EXPECT_EQ(merged(snapshot, "10.3.0.0/16"), "its half proxy 10.3.0.0/16 does not hold 10.2.0.7");
  EXPECT_EQ(merged(snapshot, "2001:db8::/32"), "its half proxy 2001:db8::/32 does not hold 10.2.0.7");
  EXPECT_EQ(merged(snapshot, "10.2.0.7/255.255.0.255"),
            "its half proxy 10.2.0.7/255.255.0.255 is no prefix, and no tunnel takes another mask");
  EXPECT_EQ(merged(Snapshot{}, "10.2.0.0/24"), "no protect rule is the first match of the flow");
}

TEST(Merge, WritesAMaskWithHolesOfOursAsAPrefix) {
  EXPECT_EQ(merged(Snapshot({protect("odd", box("any", "10.0.0.5/255.0.0.255", "10.0.0.0/8"))}), "10.2.0.0/24"),
            "any 10.1.0.5/32 > 10.2.0.0/24");
}

TEST(ResponderHalf, IsTheLocalSideOfTheRule) {
  const Snapshot snapshot({protect("office", box("any", "10.2.0.0/24", "10.1.0.0/16"))});
  EXPECT_EQ(answered(snapshot, "10.1.0.0/16"), "10.2.0.0/24");
  EXPECT_EQ(answered(snapshot, "10.1.0.5/32"), "10.2.0.0/24");
}

// The seed's background: the responder restricts the source, and the asker's half is wider.
TEST(ResponderHalf, IsNoneForAnAskerThatReachesBeyondTheRule) {
  const Snapshot snapshot({protect("office", box("any", "10.2.0.0/24", "10.1.0.0/24"))});
  EXPECT_EQ(answered(snapshot, "10.1.0.0/16"), "nothing");
  EXPECT_EQ(answered(snapshot, "10.9.0.0/16"), "nothing") << "the asking host is not in it";
  EXPECT_EQ(answered(snapshot, "2001:db8::/32"), "nothing");
}

TEST(ResponderHalf, GoesAroundEarlierRules) {
  const Snapshot snapshot({bypass("dns", box("udp", "10.2.0.53/32", "10.1.0.0/16", "53")),
                           bypass("elsewhere", box("any", "10.2.0.0/24", "10.9.0.0/16")),
                           protect("office", box("any", "10.2.0.0/24", "10.0.0.0/8"))});
  EXPECT_EQ(answered(snapshot, "10.1.0.0/16"), "10.2.0.0/27");
  EXPECT_EQ(answered(snapshot, "10.0.0.0/8"), "nothing") << "towards 10.9.0.0/16 it protects nothing";
}

// Addresses are all that the form tells, so a rule that asks for more cannot be chosen by it.
TEST(ResponderHalf, IsNoneWhereAddressesDoNotDecide) {
  const Snapshot before({bypass("ssh", box("tcp", "10.2.0.7/32", "10.1.0.0/16", "22")),
                         protect("office", box("any", "10.2.0.0/24", "10.1.0.0/16"))});
  EXPECT_EQ(answered(before, "10.1.0.0/16"), "nothing");
  const Snapshot itself({protect("dns", box("udp", "10.2.0.0/24", "10.1.0.0/16"))});
  EXPECT_EQ(answered(itself, "10.1.0.0/16"), "nothing");
}

TEST(ResponderHalf, TimesAnyHalfThatItWasGivenForIsTheRulesAlone) {
  const Snapshot snapshot({bypass("a", box("any", "10.2.0.64/26", "10.1.4.0/22")),
                           bypass("b", box("tcp", "10.2.0.8/29", "10.0.0.0/8", "any", "80")),
                           protect("office", box("any", "10.2.0.0/24", "10.1.0.0/16"))});
  for (const char* theirs : {"10.1.0.0/16", "10.1.0.0/21", "10.1.0.0/24", "10.1.0.5/32"}) {
    const auto mine = policy::responder_half(snapshot, *snapshot.first_match(kIn), kIn, half(theirs));
    ASSERT_TRUE(mine) << theirs;
    EXPECT_TRUE(mine->contains(kIn.source));
    EXPECT_EQ(policy::sound(snapshot, {std::nullopt, *mine, half(theirs), {}, {}}), RuleIndex{2}) << theirs;
  }
}

}  // namespace policy_test
