// Old peers: what becomes of a discovery when one end reads and writes the draft form only. The link makes an old peer
// of a gateway: nobody sees anything of version 3 that comes from it or goes to it.
#include "scenarios/two_gateways.hpp"
#include "wire/codec.hpp"
#include "wire/packet.hpp"

namespace scenarios {
namespace {

using namespace std::chrono_literals;
using engine::Counter;
using sim::Delivery;

policy::Rule taking_draft(policy::Rule rule) {
  rule.draft = true;
  return rule;
}

class OldPeer : public TwoGateways {
 protected:
  void start(policy::Rule a, policy::Rule b, std::vector<policy::Rule> before_a = {}) {
    before_a.push_back(std::move(a));
    TwoGateways::start(std::move(before_a), {std::move(b)});
    world_.on_link([](const std::string& arrow, base::Bytes& packet) {
      if (arrow.ends_with("PROBE")) packet = as_draft(packet);
      return sim::Fate::kArrives;
    });
  }
  /// The same probe as an old initiator writes it, and as an old responder reads it.
  static base::Bytes as_draft(const base::Bytes& packet) {
    const auto datagram = *wire::udp_of(packet);
    auto probe = std::get<wire::Probe>(*wire::decode(datagram.payload));
    probe.summary.reset();
    probe.capabilities.reset();
    return wire::udp_packet(datagram.source, datagram.destination, datagram.source_port, 500, wire::encode(probe));
  }
  std::string failure() {
    const auto& all = world_.engine("A").discoveries().all();
    return all.empty() ? "" : all.begin()->second.reason;
  }

  const policy::Rule branch_ = protect("branch", "10.1.0.0/16", "10.0.0.0/8");
  const policy::Rule office_ = protect("office", "10.2.0.0/24", "10.1.0.0/16");
};

TEST_F(OldPeer, IsNotAnsweredWhereNoRuleSaysSo) {
  start(taking_draft(branch_), office_);
  world_.send(p_);
  world_.run_for(1s);
  EXPECT_GE(count("B", Counter::kProbesDraft), 1U);
  EXPECT_EQ(count("B", Counter::kProbesAnswered), 0U);
  EXPECT_EQ(world_.send(p_), Delivery::kDropped);
}

TEST_F(OldPeer, IsNotBelievedWhereNoRuleSaysSo) {
  start(branch_, taking_draft(office_));
  world_.send(p_);
  world_.run_for(1s);
  EXPECT_GE(count("A", Counter::kResponsesDraft), 1U);
  EXPECT_EQ(count("A", Counter::kResponsesAccepted), 0U);
  EXPECT_TRUE(world_.engine("A").tunnels().all().empty());
  EXPECT_EQ(world_.send(p_), Delivery::kDropped);
}

TEST_F(OldPeer, MergesTheTwoHalves) {
  start(taking_draft(branch_), taking_draft(office_));
  EXPECT_EQ(world_.send(p_), Delivery::kDropped);
  world_.run_for(1s);
  EXPECT_EQ(world_.arrows(), (Arrows{"A -> B PROBE", "B -> A RESPONSE", "A -> B IKE any 10.1.0.0/16 > 10.2.0.0/24"}));
  EXPECT_EQ(world_.send(p_), Delivery::kEncrypted);
  EXPECT_EQ(world_.send(p_.mirrored()), Delivery::kEncrypted);
  EXPECT_EQ(count("A", Counter::kResponsesDraftAccepted), 1U);
  EXPECT_EQ(count("B", Counter::kProbesDraftAnswered), 1U);
  EXPECT_TRUE(world_.engine("A").peers().find(address("192.0.2.2"))->is_draft);
  EXPECT_EQ(world_.leaks(), 0U);
}

TEST_F(OldPeer, ItsTunnelSaysAtBothEndsThatItCameOfTheDraftForm) {
  start(taking_draft(branch_), taking_draft(office_));
  world_.send(p_);
  world_.run_for(1s);
  for (const char* end : {"A", "B"}) {
    ASSERT_EQ(world_.engine(end).tunnels().all().size(), 1U);
    EXPECT_EQ(world_.engine(end).tunnels().all().begin()->second.form, engine::Form::kDraft) << end;
  }
}

// Its answers to the checks of the tunnel's path tell nothing of tunnels, and that is as good as a yes.
TEST_F(OldPeer, KeepsItsTunnel) {
  start(taking_draft(branch_), taking_draft(office_));
  world_.send(p_);
  world_.run_for(60s);
  EXPECT_GE(count("A", Counter::kPathChecks), 4U);
  EXPECT_GE(count("A", Counter::kResponsesDraftAccepted), 4U);
  EXPECT_EQ(world_.engine("A").tunnels().all().size(), 1U);
  EXPECT_EQ(count("A", Counter::kTunnelsDown) + count("B", Counter::kTunnelsDown), 0U);
}

// The seed's background, first half: the initiator restricts the destination.
TEST_F(OldPeer, FailsWhereThisEndProtectsLessOfTheDestination) {
  const auto narrow = protect("branch", "10.1.0.0/16", "10.2.0.0/25");
  start(taking_draft(narrow), taking_draft(office_));
  world_.send(p_);
  world_.run_for(1s);
  EXPECT_EQ(count("A", Counter::kDiscoveriesDisagreed), 1U);
  EXPECT_EQ(failure(),
            "the merged proxies any 10.1.0.0/16 > 10.2.0.0/24 are not all this gateway's to protect: rule 'branch' "
            "protects any 10.1.0.0/16 > 10.2.0.0/25");
  EXPECT_EQ(world_.send(p_), Delivery::kDropped);
}

// The second half: the responder restricts the source. It can see that from the asker's half, and does not answer.
TEST_F(OldPeer, FailsWhereTheOtherEndProtectsLessOfTheSource) {
  start(taking_draft(branch_), taking_draft(protect("office", "10.2.0.0/24", "10.1.0.0/24")));
  world_.send(p_);
  world_.run_for(10s);
  EXPECT_GE(count("B", Counter::kProbesDraftUndecided), 3U);
  EXPECT_EQ(count("A", Counter::kDiscoveriesUnanswered), 1U);
  EXPECT_TRUE(world_.engine("A").tunnels().all().empty());
}

// The same policies, and two ends that read each other's summaries: what version 3 was made for.
TEST_F(TwoGateways, SucceedsWhereMergedHalvesFail) {
  start({taking_draft(protect("branch", "10.1.0.0/16", "10.2.0.0/25"))},
        {taking_draft(protect("office", "10.2.0.0/24", "10.1.0.0/24"))});
  world_.send(p_);
  world_.run_for(1s);
  EXPECT_EQ(world_.arrows().back(), "A -> B IKE any 10.1.0.0/24 > 10.2.0.0/25");
  EXPECT_EQ(world_.send(p_), Delivery::kEncrypted);
  EXPECT_EQ(count("A", Counter::kResponsesDraftAccepted), 0U) << "never preferred";
}

TEST_F(OldPeer, TellsTheHalfThatItWouldPropose) {
  start(taking_draft(branch_), taking_draft(office_), {bypass("printers", "10.1.128.0/17", "10.2.0.0/16")});
  world_.send(p_);
  world_.run_for(1s);
  EXPECT_EQ(world_.arrows().back(), "A -> B IKE any 10.1.0.0/17 > 10.2.0.0/24");
}

// Userspace ESP routes what it protects by destination, and an old peer's half can be anything.
TEST_F(OldPeer, WhoseHalfHoldsItsGatewayHasNoUserspaceTunnel) {
  start(taking_draft(protect("branch", "10.1.0.0/16", "0.0.0.0/0")),
        taking_draft(protect("all", "0.0.0.0/0", "10.1.0.0/16")));
  world_.tell("A", engine::DataPlaneFound{policy::DataPlane::kUserspace});
  world_.send(p_);
  world_.run_for(1s);
  EXPECT_TRUE(failure().contains("would protect one of its own ends (any 10.1.0.0/16 > 0.0.0.0/0)")) << failure();
  EXPECT_TRUE(world_.engine("A").tunnels().all().empty());
}

TEST_F(OldPeer, IsNamedByATrace) {
  start(branch_, taking_draft(office_));
  auto& engine = world_.engine("A");
  engine.handle(engine::TraceRequested{engine::TraceId{7}, p_}, world_.now());
  const auto sent = engine.next_action();
  const auto datagram = *wire::udp_of(std::get<engine::Transmit>(*sent).packet);
  const auto probe = std::get<wire::Probe>(*wire::decode(datagram.payload));
  while (engine.next_action()) {
  }
  const wire::Response response{.initiator_cookie = probe.initiator_cookie,
                                .responder_cookie = {1},
                                .gateway = address("192.0.2.2"),
                                .half_proxy = masked("10.2.0.0/24"),
                                .capabilities = {},
                                .proxy = {}};
  engine.handle(engine::DatagramCaught{wire::udp_packet(response.gateway, address("192.0.2.1"), 500, 500,
                                                        wire::encode(response))},
                world_.now());
  const auto action = engine.next_action();
  const auto& done = std::get<engine::TraceDone>(*action);
  EXPECT_TRUE(done.answered);
  EXPECT_EQ(done.half_proxy, masked("10.2.0.0/24"));
  EXPECT_FALSE(done.proxy);
  EXPECT_EQ(done.reason, "the answer is in the draft form, which rule 'branch' does not take (draft = false)");
  const auto told = engine.next_action();
  EXPECT_EQ(std::get<engine::Report>(*told).id, engine::ReportId::kResponseAccepted);
  EXPECT_EQ(std::get<engine::Report>(*told).peer, response.gateway);
}

}  // namespace
}  // namespace scenarios
