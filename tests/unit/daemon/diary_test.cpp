// What the diary keeps, in which order, and that it is bounded.
#include "daemon/diary.hpp"

#include <gtest/gtest.h>
#include <string>

namespace tedd {
namespace {

using namespace std::chrono_literals;
using engine::ReportId;

base::Address address(std::uint32_t host) {
  return base::Address::v4(0x0a020000 + host);
}

engine::Report report(ReportId id, std::uint32_t host, std::optional<base::Address> peer = {}) {
  const base::Flow flow{base::Address::v4(0x0a010001), address(host), base::Protocol::kUdp, 7, 9};
  return {id, "step", {}, flow, peer};
}

TEST(Diary, TellsOfADestinationAndOfItsPeerInOrder) {
  const base::Address peer = base::Address::v4(0xc0000202);
  Diary diary;
  base::Instant now{1s};
  diary.note(report(ReportId::kDiscoveryStarted, 7), now);
  diary.note(report(ReportId::kResponseAccepted, 7, peer), now + 1s);
  diary.note({ReportId::kTunnelUp, "up", {}, {}, peer}, now + 2s);
  diary.note(report(ReportId::kDiscoveryFailed, 7, peer), now + 3s);
  diary.note(report(ReportId::kDiscoveryStarted, 8), now + 4s);
  const auto steps = diary.about(address(7));
  ASSERT_EQ(steps.size(), 4U);
  EXPECT_EQ(steps[0].id, ReportId::kDiscoveryStarted);
  EXPECT_EQ(steps[2].id, ReportId::kTunnelUp);
  EXPECT_EQ(steps[3].id, ReportId::kDiscoveryFailed);
  EXPECT_TRUE(diary.about(address(9)).empty());
}

TEST(Diary, DoesNotKeepWhatAnybodyCanSend) {
  Diary diary;
  diary.note(report(ReportId::kProbeAnswered, 7), {});
  diary.note(report(ReportId::kResponseRejected, 7), {});
  EXPECT_TRUE(diary.about(address(7)).empty());
}

TEST(Diary, IsBounded) {
  Diary diary;
  for (std::size_t i = 0; i < 3 * Diary::kMaxSteps; ++i) {
    diary.note(report(i == 0 ? ReportId::kDiscoveryStarted : ReportId::kProbeRepeated, 0), {});
  }
  EXPECT_EQ(diary.about(address(0)).size(), Diary::kMaxSteps);
  EXPECT_EQ(diary.about(address(0)).front().id, ReportId::kProbeRepeated);
  for (std::uint32_t host = 1; host < Diary::kMaxSubjects; ++host)
    diary.note(report(ReportId::kDiscoveryStarted, host), {});
  EXPECT_FALSE(diary.about(address(0)).empty());
  diary.note(report(ReportId::kDiscoveryStarted, 1), {});  // heard of again: 0 is the one that goes
  diary.note(report(ReportId::kDiscoveryStarted, 5'000), {});
  EXPECT_TRUE(diary.about(address(0)).empty());
  EXPECT_FALSE(diary.about(address(1)).empty());
  EXPECT_EQ(diary.forgotten(), 1U);
}

}  // namespace
}  // namespace tedd
