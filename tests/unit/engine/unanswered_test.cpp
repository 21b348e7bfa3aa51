// What is remembered of probes that were not answered: bounded, by hosts, the last of each.
#include "engine/unanswered.hpp"

#include <gtest/gtest.h>

namespace engine {
namespace {

using namespace std::chrono_literals;

UnansweredProbe probe(const char* flow, Ruling ruling = Ruling::kNotOurs) {
  const auto asked = *base::Flow::parse(flow);
  return {.at = base::Instant{1s},
          .ruling = ruling,
          .flow = asked,
          .came_from = asked.source,
          .went_to = asked.destination,
          .gateway = *base::Address::parse("192.0.2.1"),
          .fault = {}};
}

TEST(Unanswered, TheLastOfEachPairOfHostsIsKept) {
  Counters counters;
  Unanswered known(7, counters);
  known.note(probe("tcp 10.1.0.5:1 > 10.2.0.7:80"));
  known.note(probe("tcp 10.1.0.5:2 > 10.2.0.7:443", Ruling::kOwn));
  known.note(probe("tcp 10.1.0.6:3 > 10.2.0.7:80"));
  const auto* one = known.about(*base::Flow::parse("udp 10.2.0.7:9 > 10.1.0.5:9"));
  ASSERT_NE(one, nullptr);
  EXPECT_EQ(one->flow.destination_port, 443);
  EXPECT_EQ(one->ruling, Ruling::kOwn);
  EXPECT_EQ(one->times, 2U);
  EXPECT_EQ(known.about(*base::Flow::parse("tcp 10.1.0.5:1 > 10.2.0.7:80")), nullptr) << "the other way round";
  known.clear();
  EXPECT_EQ(known.about(*base::Flow::parse("udp 10.2.0.7:9 > 10.1.0.5:9")), nullptr);
  known.note(probe("tcp 10.1.0.5:1 > 10.2.0.7:80"));
  EXPECT_EQ(known.about(*base::Flow::parse("udp 10.2.0.7:9 > 10.1.0.5:9"))->times, 1U);
}

TEST(Unanswered, WhoeverSendsManyPushesOutTheOldestOnly) {
  Counters counters;
  Unanswered known(7, counters);
  auto one = probe("tcp 10.1.0.5:1 > 10.2.0.7:80");
  for (std::uint32_t i = 0; i < kMaxUnanswered + 10; ++i) {
    one.flow.source = base::Address::v4(0x0a030000 + i);
    known.note(one);
  }
  const auto about = [&](std::uint32_t i) {
    auto inbound = one.flow.mirrored();
    inbound.destination = base::Address::v4(0x0a030000 + i);
    return known.about(inbound);
  };
  EXPECT_EQ(about(9), nullptr);
  EXPECT_NE(about(10), nullptr);
  EXPECT_NE(about(kMaxUnanswered + 9), nullptr);
  EXPECT_EQ(counters.value(Counter::kUnansweredForgotten), 10U);
}

TEST(Unanswered, ADraftProbeOfAnotherSourceSaysWhatItsHalfDoesNotHold) {
  const policy::Snapshot empty;
  const std::string text = story(probe("udp 10.1.0.5:500 > 10.2.0.7:500", Ruling::kMismatched), empty);
  EXPECT_NE(text.find("NAT"), std::string::npos);
  EXPECT_NE(text.find("its half proxy does not hold that source"), std::string::npos) << text;
}

TEST(Unanswered, WhatIsNotLoggedHasWordsForWhoAsks) {
  const policy::Snapshot empty;
  for (const RulingRow& row : kRulings) {
    EXPECT_NE(story(probe("udp 10.1.0.5:500 > 10.2.0.7:500", row.ruling), empty), "") << row.when;
  }
}

}  // namespace
}  // namespace engine
