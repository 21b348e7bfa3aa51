// The glue against two real charons. Each test is one exchange; the lab is made once.
#include "platform/vici/charon.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <memory>
#include <optional>

#include "platform/vici/selector_text.hpp"
#include "unit/vici/charon_lab.hpp"
#include "unit/vici/driver.hpp"

namespace {

using namespace std::chrono_literals;
using vici_lab::Driver;
using vici_lab::until;

const base::Address kA = base::Address::v4(0xc0000201);
const base::Address kB = base::Address::v4(0xc0000202);

base::MaskedAddress net(const char* text) {
  return base::MaskedAddress::parse(text).value();
}

base::Selector selector(std::optional<base::Protocol> protocol, const char* local, const char* remote,
                        base::PortRange local_port = {}, base::PortRange remote_port = {}) {
  return {protocol, net(local), net(remote), local_port, remote_port};
}

vici::ResponderConfig responder(const base::Address& address, const char* local, const char* remote) {
  vici::ResponderConfig config;
  config.local_addresses = {address};
  config.children = {{"rule", {local}, {remote}}};
  return config;
}

vici::Initiation initiation(std::string name, const std::vector<base::Selector>& selectors, bool from_a = true) {
  auto child = vici::child_of(name, selectors).value();
  return {std::move(name), from_a ? kA : kB, from_a ? kB : kA, child.local_ts, child.remote_ts, {}};
}

class CharonTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    reason_ = vici_lab::missing();
    if (!reason_.empty()) return;
    lab_ = std::make_unique<vici_lab::Lab>();
    if (!lab_->is_up() || !lab_->start(0) || !lab_->start(1)) reason_ = "the lab does not come up";
  }
  static void TearDownTestSuite() { lab_.reset(); }

  void SetUp() override {
    if (!reason_.empty()) GTEST_SKIP() << "charon lab: " << reason_;
    a_ = std::make_unique<Driver>(lab_->socket(0));
    b_ = std::make_unique<Driver>(lab_->socket(1));
    ASSERT_TRUE(until(both(), [&] { return a_->charon.is_connected() && b_->charon.is_connected(); }));
    load(*a_, responder(kA, "10.1.0.0/16", "10.0.0.0/8"), "secret");
    load(*b_, responder(kB, "10.2.0.0/16", "10.0.0.0/8"), "secret");
  }
  void TearDown() override {
    if (!a_ || !b_) return;
    for (Driver* driver : both()) {
      call<void>([&](auto done) { driver->charon.terminate_all_own(std::move(done)); });
      call<void>([&](auto done) { driver->charon.unload_all_own(std::move(done)); });
    }
  }

  std::vector<Driver*> both() { return {a_.get(), b_.get()}; }

  template <class T>
  vici::Result<T> call(const std::function<void(vici::Charon::Done<T>)>& operation) {
    std::optional<vici::Result<T>> result;
    operation([&](vici::Result<T> got) { result = std::move(got); });
    EXPECT_TRUE(until(both(), [&] { return result.has_value(); }));
    if (!result) return std::unexpected(vici::Error{vici::ErrorCode::kNoAnswer, "test", 0});
    return *result;
  }
  void load(Driver& driver, const vici::ResponderConfig& config, const char* secret) {
    const auto loaded = call<void>([&](auto done) { driver.charon.load_responder(config, std::move(done)); });
    EXPECT_TRUE(loaded) << loaded.error().text();
    const auto keyed = call<void>([&](auto done) { driver.charon.load_psk(secret, std::move(done)); });
    EXPECT_TRUE(keyed) << keyed.error().text();
  }
  vici::InitiationResult start(Driver& driver, const vici::Initiation& what, base::Duration timeout = 5s) {
    std::optional<vici::InitiationResult> result;
    const auto begin = vici_lab::now();
    driver.charon.initiate(what, timeout, [&](const vici::InitiationResult& got) { result = got; });
    EXPECT_TRUE(until(both(), [&] { return result.has_value(); }, 20s));
    took_ = vici_lab::now() - begin;
    EXPECT_TRUE(until(both(), [&] { return driver.charon.initiations() == 0; }));
    return result.value_or(vici::Failure{vici::FailureClass::kOther, "no result"});
  }
  std::vector<std::string> connections(int side) {
    std::vector<std::string> names;
    std::optional<bool> done;
    auto connection = vici::Connection::open(lab_->socket(side)).value();
    const auto asked = connection->request("get-conns", {}, [&](const vici::Result<vici::Message>& reply) {
      if (const auto* list = reply ? reply->list("conns") : nullptr) names = *list;
      done = true;
    });
    EXPECT_TRUE(asked);
    while (!done) connection->on_readable();
    return names;
  }

  void rekey(int side, const char* what, std::uint32_t id) {
    std::optional<bool> done;
    auto connection = vici::Connection::open(lab_->socket(side)).value();
    const auto asked = connection->request("rekey", vici::Message().add(what, std::to_string(id)),
                                           [&](const vici::Result<vici::Message>& reply) {
                                             EXPECT_TRUE(vici::outcome(reply)) << vici::outcome(reply).error().text();
                                             done = true;
                                           });
    EXPECT_TRUE(asked);
    while (!done) connection->on_readable();
  }

  static inline std::string reason_;
  static inline std::unique_ptr<vici_lab::Lab> lab_;
  std::unique_ptr<Driver> a_;
  std::unique_ptr<Driver> b_;
  base::Duration took_{};
};

std::string words(const vici::InitiationResult& result) {
  return result ? std::string(name(result->failure)) + ": " + result->words : "up";
}

TEST_F(CharonTest, TellsVersionAndDataPlane) {
  const auto version = call<vici::Version>([&](auto done) { a_->charon.version(std::move(done)); });
  ASSERT_TRUE(version);
  EXPECT_EQ(version->daemon, "charon-systemd");
  const auto stats = call<vici::Stats>([&](auto done) { a_->charon.stats(std::move(done)); });
  ASSERT_TRUE(stats);
  EXPECT_EQ(stats->data_plane, vici::DataPlane::kUserspace);
}

// A -> B CREATE {tcp 10.1.2.0/24 > 10.2.3.0/24:443}: the proposal is narrower than the responder's rule in each part
TEST_F(CharonTest, BothEndsReportExactlyWhatWasProposed) {
  const auto wanted = selector(base::Protocol::kTcp, "10.1.2.0/24", "10.2.3.0/24", {}, base::PortRange::only(443));
  const auto result = start(*a_, initiation("web", {wanted}));
  ASSERT_FALSE(result) << words(result);
  ASSERT_TRUE(until(both(), [&] { return a_->heard.up.size() == 1 && b_->heard.up.size() == 1; }));
  const auto& at_a = a_->heard.up[0];
  const auto& at_b = b_->heard.up[0];
  EXPECT_EQ(vici::from_ts(at_a.local_ts, at_a.remote_ts), std::vector{wanted});
  EXPECT_EQ(vici::from_ts(at_b.local_ts, at_b.remote_ts), std::vector{wanted.mirrored()});
  EXPECT_EQ(at_a.child, "web");
  EXPECT_EQ(at_a.connection, "opented-192.0.2.2");
  EXPECT_EQ(at_b.connection, "opented-in");
  EXPECT_EQ(at_a.peer, kB);
  EXPECT_EQ(at_b.peer, kA);
  EXPECT_EQ(at_a.spi_in, at_b.spi_out);
  EXPECT_TRUE(at_a.initiator);
  EXPECT_FALSE(at_b.initiator);
  EXPECT_EQ(connections(0), std::vector<std::string>{"opented-in"});
}

TEST_F(CharonTest, IcmpTypeAndCodeSurvive) {
  const std::vector<base::Selector> list = {
      selector(base::Protocol::kIcmp, "10.1.2.0/24", "10.2.3.0/24", base::PortRange::only(8), base::PortRange::only(0)),
      selector(base::Protocol::kIcmp, "10.1.2.0/24", "10.2.3.0/24", base::PortRange::only(3), base::PortRange::only(4)),
      selector(base::Protocol::kIcmp, "10.1.2.0/24", "10.2.3.0/24", base::PortRange::only(8)),
      selector(base::Protocol::kIcmp, "10.1.2.0/24", "10.2.3.0/24"),
      selector(base::Protocol::kUdp, "10.1.2.0/24", "10.2.3.0/24", {1000, 2000}, {53, 54}),
      selector(std::nullopt, "10.1.2.3/32", "10.2.3.4/32"),
      selector(static_cast<base::Protocol>(200), "10.1.2.3/32", "10.2.3.4/32")};
  int n = 0;
  for (const auto& wanted : list) {
    a_->heard = b_->heard = {};
    const auto result = start(*a_, initiation("c" + std::to_string(n++), {wanted}));
    ASSERT_FALSE(result) << words(result);
    ASSERT_TRUE(until(both(), [&] { return a_->heard.up.size() == 1 && b_->heard.up.size() == 1; }));
    const auto& up = a_->heard.up[0];
    EXPECT_EQ(vici::from_ts(up.local_ts, up.remote_ts), std::vector{wanted});
    const auto& far = b_->heard.up[0];
    EXPECT_EQ(vici::from_ts(far.local_ts, far.remote_ts), std::vector{wanted.mirrored()});
  }
}

TEST_F(CharonTest, WrongSecretIsAuthFailed) {
  load(*b_, responder(kB, "10.2.0.0/16", "10.0.0.0/8"), "another");
  const auto result = start(*a_, initiation("web", {selector(std::nullopt, "10.1.2.0/24", "10.2.3.0/24")}));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->failure, vici::FailureClass::kAuthFailed) << words(result);
}

TEST_F(CharonTest, SelectorsThatThePeerDoesNotProtectAreTsUnacceptable) {
  const auto result = start(*a_, initiation("web", {selector(std::nullopt, "10.1.2.0/24", "172.16.0.0/24")}));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->failure, vici::FailureClass::kTsUnacceptable) << words(result);
  const auto left = call<std::vector<vici::IkeSa>>([&](auto done) { a_->charon.list_ikes(std::move(done)); });
  ASSERT_TRUE(left);
  EXPECT_TRUE(left->empty());
}

TEST_F(CharonTest, ForeignProposalIsNoProposal) {
  auto what = initiation("web", {selector(std::nullopt, "10.1.2.0/24", "10.2.3.0/24")});
  what.proposals = {{"aes192-sha512-modp4096"}, {}};
  auto theirs = responder(kB, "10.2.0.0/16", "10.0.0.0/8");
  theirs.proposals = {{"aes256gcm16-prfsha256-ecp256"}, {"aes256gcm16-ecp256"}};
  load(*b_, theirs, "secret");
  auto result = start(*a_, what);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->failure, vici::FailureClass::kNoProposal) << words(result);
  what.proposals = {{"aes256gcm16-prfsha256-ecp256"}, {"aes128-sha1"}};
  result = start(*a_, what);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->failure, vici::FailureClass::kNoProposal) << words(result);
  what.proposals = theirs.proposals;
  result = start(*a_, what);
  EXPECT_FALSE(result) << words(result);
}

TEST_F(CharonTest, AbsentPeerIsTimeoutAndLeavesNothing) {
  auto what = initiation("web", {selector(std::nullopt, "10.1.2.0/24", "10.2.3.0/24")});
  what.peer = base::Address::v4(0xc0000209);
  const auto result = start(*a_, what, 1500ms);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->failure, vici::FailureClass::kTimeout) << words(result);
  const auto left = call<std::vector<vici::IkeSa>>([&](auto done) { a_->charon.list_ikes(std::move(done)); });
  ASSERT_TRUE(left);
  EXPECT_TRUE(left->empty());
  EXPECT_EQ(connections(0), std::vector<std::string>{"opented-in"});
}

TEST_F(CharonTest, TerminateIsDownAtBothEnds) {
  ASSERT_FALSE(start(*a_, initiation("web", {selector(std::nullopt, "10.1.2.0/24", "10.2.3.0/24")})));
  ASSERT_TRUE(until(both(), [&] { return a_->heard.up.size() == 1 && b_->heard.up.size() == 1; }));
  const auto id = a_->heard.up[0].child_id;
  const auto asked = call<void>([&](auto done) { a_->charon.terminate_child(id, std::move(done)); });
  ASSERT_TRUE(asked) << asked.error().text();
  ASSERT_TRUE(until(both(), [&] { return a_->heard.down.size() == 1 && b_->heard.down.size() == 1; }));
  EXPECT_EQ(a_->heard.down[0].child_id, id);
  EXPECT_EQ(b_->heard.down[0].child_id, b_->heard.up[0].child_id);
  const auto again = call<void>([&](auto done) { a_->charon.terminate_child(id, std::move(done)); });
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, vici::ErrorCode::kRefused);
}

TEST_F(CharonTest, UnloadTakesOnlyWhatIsOurs) {
  ASSERT_FALSE(start(*a_, initiation("web", {selector(std::nullopt, "10.1.2.0/24", "10.2.3.0/24")})));
  ASSERT_TRUE(call<void>([&](auto done) { a_->charon.unload_all_own(std::move(done)); }));
  EXPECT_TRUE(connections(0).empty());
  const auto listed = call<std::vector<vici::TunnelUp>>([&](auto done) { a_->charon.list_sas(std::move(done)); });
  ASSERT_TRUE(listed);
  EXPECT_EQ(listed->size(), 1U) << "what stands stays";
}

TEST_F(CharonTest, NewClientAdoptsWhatStands) {
  ASSERT_FALSE(start(*a_, initiation("web", {selector(std::nullopt, "10.1.2.0/24", "10.2.3.0/24")})));
  ASSERT_TRUE(until(both(), [&] { return a_->heard.up.size() == 1; }));
  const auto before = a_->heard.up[0];
  a_ = std::make_unique<Driver>(lab_->socket(0));
  ASSERT_TRUE(until(both(), [&] { return a_->charon.is_connected(); }));
  const auto listed = call<std::vector<vici::TunnelUp>>([&](auto done) { a_->charon.list_sas(std::move(done)); });
  ASSERT_TRUE(listed);
  EXPECT_EQ(*listed, std::vector{before});
}

// rekeying goes on after the connection was unloaded, and is no down and up
TEST_F(CharonTest, RekeyAfterUnloadIsOneEvent) {
  ASSERT_FALSE(start(*a_, initiation("web", {selector(std::nullopt, "10.1.2.0/24", "10.2.3.0/24")})));
  ASSERT_TRUE(until(both(), [&] { return a_->heard.up.size() == 1 && b_->heard.up.size() == 1; }));
  const auto before = a_->heard.up[0];
  rekey(0, "child-id", before.child_id);
  ASSERT_TRUE(until(both(), [&] { return !a_->heard.rekeyed.empty() && !b_->heard.rekeyed.empty(); }));
  EXPECT_EQ(a_->heard.rekeyed[0].old_child_id, before.child_id);
  EXPECT_NE(a_->heard.rekeyed[0].now.child_id, before.child_id);
  EXPECT_EQ(a_->heard.rekeyed[0].now.remote_ts, before.remote_ts);
  rekey(0, "ike-id", before.ike_id);
  ASSERT_TRUE(until(both(), [&] { return !a_->heard.ike_rekeyed.empty() && !b_->heard.ike_rekeyed.empty(); }));
  EXPECT_EQ(a_->heard.ike_rekeyed[0].old_ike_id, before.ike_id);
  rekey(1, "child-id", b_->heard.rekeyed[0].now.child_id);
  ASSERT_TRUE(until(both(), [&] { return a_->heard.rekeyed.size() == 2 && b_->heard.rekeyed.size() == 2; }));
  until(both(), [] { return false; }, 300ms);
  for (Driver* driver : both()) {
    EXPECT_EQ(driver->heard.up.size(), 1U);
    EXPECT_TRUE(driver->heard.down.empty());
    EXPECT_TRUE(driver->heard.ike_down.empty());
  }
}

// both start at once, for different traffic, and each meets the connection that the other direction has loaded
TEST_F(CharonTest, CrossingInitiationsBothStand) {
  for (int round = 0; round < 10; ++round) {
    a_->heard = b_->heard = {};
    std::vector<vici::InitiationResult> results;
    const auto record = [&](const vici::InitiationResult& got) { results.push_back(got); };
    const auto mine = selector(base::Protocol::kTcp, "10.1.2.0/24", "10.2.3.0/24");
    const auto theirs = selector(base::Protocol::kUdp, "10.2.0.0/16", "10.1.0.0/16");
    a_->charon.initiate(initiation("mine", {mine}), 5s, record);
    b_->charon.initiate(initiation("theirs", {theirs}, false), 5s, record);
    ASSERT_TRUE(until(both(), [&] { return results.size() == 2; }));
    for (const auto& result : results) EXPECT_FALSE(result) << words(result);
    ASSERT_TRUE(until(both(), [&] { return a_->heard.up.size() == 2 && b_->heard.up.size() == 2; }));
    std::vector<base::Selector> got;
    for (const auto& up : a_->heard.up) got.push_back(vici::from_ts(up.local_ts, up.remote_ts).value()[0]);
    EXPECT_NE(std::ranges::find(got, mine), got.end());
    EXPECT_NE(std::ranges::find(got, theirs.mirrored()), got.end());
    until(both(), [] { return false; }, 100ms);
    EXPECT_EQ(a_->heard.down.size() + b_->heard.down.size(), 0U);
    call<void>([&](auto done) { a_->charon.terminate_all_own(std::move(done)); });
    ASSERT_TRUE(until(both(), [&] { return a_->heard.down.size() == 2 && b_->heard.down.size() == 2; }));
  }
}

// the peer asks while our own attempt hangs, with its connection loaded: it must not be narrowed to what we try
TEST_F(CharonTest, PeerIsServedWhileOurAttemptIsLoaded) {
  const auto tried = selector(base::Protocol::kTcp, "10.1.2.0/24", "10.2.3.0/24", {}, base::PortRange::only(80));
  lab_->pause(1, true);
  std::optional<vici::InitiationResult> ours;
  a_->charon.initiate(initiation("ours", {tried}), 4s, [&](const vici::InitiationResult& got) { ours = got; });
  until({a_.get()}, [] { return false; }, 300ms);
  EXPECT_EQ(connections(0).size(), 2U) << "ours is loaded";
  const auto wider = selector(base::Protocol::kTcp, "10.2.0.0/16", "10.1.0.0/16");
  lab_->pause(1, false);
  const auto theirs = start(*b_, initiation("theirs", {wider}, false));
  EXPECT_FALSE(theirs) << words(theirs);
  ASSERT_TRUE(until(both(), [&] { return ours.has_value(); }));
  ASSERT_TRUE(until(both(), [&] { return !b_->heard.up.empty(); }));
  const auto is_theirs = [&](const vici::TunnelUp& up) {
    return vici::from_ts(up.local_ts, up.remote_ts) == std::vector{wider.mirrored()};
  };
  EXPECT_TRUE(std::ranges::any_of(a_->heard.up, is_theirs));
}

// a peer that crashed and came back: what it left is removed by its first request
TEST_F(CharonTest, ReturningPeerReplacesWhatItLeft) {
  ASSERT_FALSE(start(*b_, initiation("web", {selector(std::nullopt, "10.2.3.0/24", "10.1.2.0/24")}, false)));
  ASSERT_TRUE(until(both(), [&] { return a_->heard.up.size() == 1 && b_->heard.up.size() == 1; }));
  lab_->stop(1, true);
  ASSERT_TRUE(until(both(), [&] { return !b_->charon.is_connected(); }));
  ASSERT_TRUE(lab_->start(1));
  ASSERT_TRUE(until(both(), [&] { return b_->charon.is_connected(); })) << "reconnects by itself";
  load(*b_, responder(kB, "10.2.0.0/16", "10.0.0.0/8"), "secret");
  ASSERT_FALSE(start(*b_, initiation("web", {selector(std::nullopt, "10.2.3.0/24", "10.1.2.0/24")}, false)));
  ASSERT_TRUE(until(both(), [&] { return a_->heard.up.size() == 2 && a_->heard.down.size() == 1; }));
  EXPECT_EQ(a_->heard.down[0].child_id, a_->heard.up[0].child_id);
}

// charon dies under an initiation: its callback is called once, with the reason
TEST_F(CharonTest, CharonDyingUnderAnInitiationIsToldOnce) {
  auto what = initiation("web", {selector(std::nullopt, "10.1.2.0/24", "10.2.3.0/24")});
  what.peer = base::Address::v4(0xc0000209);
  int calls = 0;
  std::optional<vici::InitiationResult> result;
  a_->charon.initiate(what, 30s, [&](const vici::InitiationResult& got) {
    ++calls;
    result = got;
  });
  until(both(), [] { return false; }, 200ms);
  lab_->stop(0, true);
  ASSERT_TRUE(until(both(), [&] { return result.has_value() && !a_->charon.is_connected(); }));
  EXPECT_EQ((*result)->failure, vici::FailureClass::kOther);
  const auto late = call<void>([&](auto done) { a_->charon.load_psk("x", std::move(done)); });
  EXPECT_EQ(late.error().code, vici::ErrorCode::kClosed);
  ASSERT_TRUE(lab_->start(0));
  ASSERT_TRUE(until(both(), [&] { return a_->charon.is_connected(); }));
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(a_->charon.initiations(), 0U);
}

// many peers that do not answer: a bounded number is tried at a time, and each is told
TEST_F(CharonTest, ManyInitiationsAreTakenInTurn) {
  std::vector<vici::InitiationResult> results;
  for (std::uint32_t i = 0; i < 100; ++i) {
    auto what = initiation("c" + std::to_string(i), {selector(std::nullopt, "10.1.2.0/24", "10.2.3.0/24")});
    what.peer = base::Address::v4(0xc0000210 + i);
    a_->charon.initiate(what, 1s, [&](const vici::InitiationResult& got) { results.push_back(got); });
  }
  EXPECT_EQ(a_->charon.initiations(), 100U);
  ASSERT_TRUE(until(both(), [&] { return results.size() == 100; }, 60s));
  EXPECT_TRUE(std::ranges::all_of(results, [](const auto& result) { return result.has_value(); }));
  ASSERT_TRUE(until(both(), [&] { return a_->charon.initiations() == 0; }));
  EXPECT_EQ(connections(0), std::vector<std::string>{"opented-in"});
}

TEST_F(CharonTest, CancelTellsEachAndLeavesNothing) {
  int told = 0;
  for (std::uint32_t i = 0; i < 2; ++i) {
    auto what = initiation("web", {selector(std::nullopt, "10.1.2.0/24", "10.2.3.0/24")});
    what.peer = base::Address::v4(0xc0000209);
    a_->charon.initiate(what, 30s, [&](const vici::InitiationResult& got) { told += got ? 1 : 0; });
  }
  until(both(), [] { return false; }, 200ms);
  a_->charon.cancel_initiations("going down");
  ASSERT_TRUE(until(both(), [&] { return told == 2 && a_->charon.initiations() == 0; }));
  call<void>([&](auto done) { a_->charon.terminate_all_own(std::move(done)); });
  const auto left = call<std::vector<vici::IkeSa>>([&](auto done) { a_->charon.list_ikes(std::move(done)); });
  EXPECT_TRUE(left && left->empty()) << "closing early aborts nothing in charon: terminate does";
  EXPECT_EQ(connections(0), std::vector<std::string>{"opented-in"});
}

// attempts that hang take no worker thread of charon from the one that does not
TEST_F(CharonTest, HangingAttemptsDoNotHoldUpAGoodOne) {
  std::vector<vici::InitiationResult> results;
  for (std::uint32_t i = 0; i < 40; ++i) {
    auto what = initiation("c" + std::to_string(i), {selector(std::nullopt, "10.1.2.0/24", "10.2.3.0/24")});
    what.peer = base::Address::v4(0xc0000210 + i);
    a_->charon.initiate(what, 3s, [&](const vici::InitiationResult& got) { results.push_back(got); });
    until(both(), [] { return false; }, 30ms);
  }
  until(both(), [] { return false; }, 300ms);
  std::optional<vici::InitiationResult> good;
  const auto begin = vici_lab::now();
  a_->charon.initiate(initiation("web", {selector(std::nullopt, "10.1.2.0/24", "10.2.3.0/24")}), 3s,
                      [&](const vici::InitiationResult& got) { good = got; });
  ASSERT_TRUE(until(both(), [&] { return good.has_value(); }));
  EXPECT_FALSE(*good) << words(*good);
  EXPECT_LT(vici_lab::now() - begin, 1s);
  ASSERT_TRUE(until(both(), [&] { return results.size() == 40; }, 60s));
  for (const auto& result : results) EXPECT_EQ(name(result->failure), "timeout") << words(result);
}

}  // namespace
