// Reports that nobody reads are not made, and those of our own discoveries always are.
#include <algorithm>
#include <gtest/gtest.h>
#include <memory>
#include <vector>

#include "engine/engine.hpp"
#include "engine/probe.hpp"
#include "sim/random.hpp"

namespace engine {
namespace {

using namespace std::chrono_literals;

class Ears final : public Audience {
 public:
  bool wants(ReportId id) override {
    asked.push_back(id);
    return listens;
  }
  bool listens = true;
  std::vector<ReportId> asked;
};

class AudienceTest : public ::testing::Test {
 protected:
  static std::shared_ptr<const policy::Snapshot> policy() {
    policy::Rule rule;
    rule.name = "r";
    rule.local = {*base::MaskedAddress::parse("10.2.0.0/24")};
    rule.remote = {*base::MaskedAddress::parse("10.1.0.0/16")};
    return std::make_shared<const policy::Snapshot>(std::vector{rule});
  }
  std::vector<ReportId> reports_of(Event event) {
    std::vector<ReportId> ids;
    engine_.handle(std::move(event), now_);
    while (const auto action = engine_.next_action()) {
      if (const auto* report = std::get_if<Report>(&*action)) ids.push_back(report->id);
    }
    return ids;
  }
  static DatagramCaught probe(const char* flow) {
    return {
        packet_of(probe_for(*base::Flow::parse(flow), wire::Cookie{1}, *base::Address::parse("192.0.2.1"), nullptr))};
  }

  sim::SeededRandom random_{1};
  sim::SeededHash hash_{1};
  Ears ears_;
  base::Instant now_{1s};
  Engine engine_{Settings{.gateways = {*base::Address::parse("192.0.2.2")}}, policy(), Ports{random_, hash_, &ears_}};
};

TEST_F(AudienceTest, IsAskedOnceForEachReportThatAnybodyCanCause) {
  const char* ours = "udp 10.1.0.10:4000 > 10.2.0.10:53";
  EXPECT_EQ(reports_of(probe(ours)), std::vector{ReportId::kProbeAnswered});
  EXPECT_EQ(ears_.asked, std::vector{ReportId::kProbeAnswered});
  ears_.listens = false;
  EXPECT_TRUE(reports_of(probe(ours)).empty());
  EXPECT_EQ(engine_.counters().value(Counter::kProbesAnswered), 2U);
}

// The rule that would nearly have answered may take long to find: whoever floods, and whoever listens to all of it,
// cannot have it looked for every time.
TEST_F(AudienceTest, HearsOfTheRuleThatNearlyAnsweredNowAndThenOnly) {
  unsigned named = 0;
  constexpr unsigned kProbes = 200;
  for (unsigned i = 0; i < kProbes; ++i) {
    engine_.handle(probe("udp 10.1.0.10:4000 > 10.3.0.10:53"), now_);
    while (const auto action = engine_.next_action()) {
      const auto* report = std::get_if<Report>(&*action);
      if (report == nullptr) continue;
      EXPECT_EQ(report->text.find("a probe travels on: no rule of ours answers for its flow"), 0U) << report->text;
      named += report->text.find("but for its local: 10.2.0.0/24 does not hold 10.3.0.10") != std::string::npos;
    }
  }
  EXPECT_EQ(named, static_cast<unsigned>(kNearMissesBurst));
}

TEST_F(AudienceTest, HearsOfOurOwnDiscoveriesUnasked) {
  ears_.listens = false;
  const auto ids = reports_of(FlowCaught{*base::Flow::parse("udp 10.2.0.10:53 > 10.1.0.10:4000")});
  EXPECT_EQ(ids, std::vector{ReportId::kDiscoveryStarted});
  EXPECT_TRUE(ears_.asked.empty());
}

}  // namespace
}  // namespace engine
