// What the history keeps, in which order, and that it is bounded.
#include "daemon/history.hpp"

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/engine.hpp"
#include "sim/random.hpp"

namespace tedd {
namespace {

using namespace std::chrono_literals;
using engine::ReportId;

const base::Address kPeer = base::Address::v4(0xc0000202);

engine::Report discovery(ReportId id, std::string text = "step") {
  return {id, std::move(text), "web", base::Flow::parse("tcp 10.1.0.5:40000 > 10.2.0.7:443").value(), {}};
}
engine::Report tunnel(ReportId id, std::uint64_t number) {
  return {id, "tunnel", "web", {}, kPeer, engine::TunnelId{number}};
}

class HistoryTest : public ::testing::Test {
 protected:
  void note(const engine::Report& report) { history_.note(report, engine_.tunnels(), base::Instant{now_ += 1s}); }

  sim::SeededRandom random_{1};
  sim::SeededHash hash_{1};
  policy::Rule rule_ = [] {
    policy::Rule rule;
    rule.name = "web";
    rule.action = policy::Action::kProtect;
    rule.local = {*base::MaskedAddress::parse("10.1.0.0/16")};
    rule.remote = {*base::MaskedAddress::parse("10.2.0.0/16")};
    return rule;
  }();
  engine::Engine engine_{{.gateways = {base::Address::v4(0xc0000201)}},
                         std::make_shared<const policy::Snapshot>(std::vector{rule_}),
                         {random_, hash_}};
  History history_;
  base::Duration now_{};
};

TEST_F(HistoryTest, TellsDiscoveriesAndTunnelsInTheOrderInWhichTheyHappened) {
  note(discovery(ReportId::kDiscoveryStarted));
  note(tunnel(ReportId::kTunnelUp, 7));
  note(discovery(ReportId::kDiscoveryFailed, "nobody"));
  note(tunnel(ReportId::kTunnelDown, 7));
  const auto told = history_.tell();
  ASSERT_EQ(told.happenings.size(), 4U);
  EXPECT_EQ(told.happenings[0].id, "TED-DISCOVERY-STARTED");
  EXPECT_EQ(told.happenings[0].flow->text(), "tcp 10.1.0.5:40000 > 10.2.0.7:443");
  EXPECT_EQ(told.happenings[0].rule, "web");
  EXPECT_FALSE(told.happenings[0].tunnel);
  EXPECT_EQ(told.happenings[1].tunnel, 7);
  EXPECT_EQ(told.happenings[1].peer, kPeer);
  EXPECT_FALSE(told.happenings[1].selectors);  // gone before it was told
  EXPECT_EQ(told.happenings[2].text, "nobody");
  EXPECT_EQ(told.happenings[3].id, "TED-TUNNEL-DOWN");
  EXPECT_EQ(told.happenings[3].time - told.happenings[0].time, 3s);
  EXPECT_EQ(told.forgotten, 0);
}

TEST_F(HistoryTest, DoesNotKeepWhatAnybodyCanSend) {
  for (const ReportId id : {ReportId::kResponseRejected, ReportId::kProbeAnswered, ReportId::kProbePassedOn,
                            ReportId::kProbeDropped, ReportId::kPolicyReplaced}) {
    note(discovery(id));
  }
  EXPECT_TRUE(history_.tell().happenings.empty());
}

TEST_F(HistoryTest, AScanDoesNotPushOutTunnels) {
  note(tunnel(ReportId::kTunnelUp, 1));
  for (std::size_t i = 0; i < History::kMaxSteps + 5; ++i) note(discovery(ReportId::kDiscoveryStarted));
  const auto told = history_.tell();
  EXPECT_EQ(told.happenings.size(), History::kMaxSteps + 1);
  EXPECT_EQ(told.forgotten, 5);
  EXPECT_EQ(told.happenings.front().id, "TED-TUNNEL-UP");
}

const base::Selector kWhole{
    {}, *base::MaskedAddress::parse("10.1.0.0/16"), *base::MaskedAddress::parse("10.2.0.0/16"), {}, {}};

TEST_F(HistoryTest, ATunnelKeepsItsNumberWhenItIsRekeyed) {
  const auto happen = [this](engine::Event event) {
    engine_.handle(std::move(event), base::Instant{now_ += 1s});
    while (auto action = engine_.next_action()) {
      if (const auto* report = std::get_if<engine::Report>(&*action)) note(*report);
    }
  };
  engine::TunnelUp up{.id = engine::TunnelId{7},
                      .peer = kPeer,
                      .gateway = base::Address::v4(0xc0000201),
                      .selectors = {kWhole},
                      .cookie = {}};
  happen(up);
  up.id = engine::TunnelId{9};
  happen(engine::TunnelRekeyed{engine::TunnelId{7}, up});
  happen(engine::TunnelDown{engine::TunnelId{9}});
  const auto told = history_.tell();
  ASSERT_EQ(told.happenings.size(), 3U);
  EXPECT_EQ(told.happenings[0].selectors, std::vector{kWhole});
  EXPECT_EQ(told.happenings[1].id, "TED-TUNNEL-REKEYED");
  EXPECT_EQ(told.happenings[2].id, "TED-TUNNEL-DOWN");
  for (const auto& one : told.happenings) EXPECT_EQ(one.tunnel, 7) << one.id;
}

}  // namespace
}  // namespace tedd
