// The real process that examines certificates: what it can do, and what becomes of tedd when it ends or is stuck.
#include "daemon/examiner.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <future>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>
#include <vector>

#include "platform/rights/capabilities.hpp"
#include "unit/pki/authority.hpp"

namespace tedd {
namespace {

using namespace std::chrono_literals;

std::string status_of(pid_t pid) {
  std::ifstream lines("/proc/" + std::to_string(pid) + "/status");
  return {std::istreambuf_iterator<char>(lines), {}};
}

class ExaminerTest : public testing::Test {
 protected:
  void SetUp() override {
    pki::Wanted what = pki::wanted("gw-a.example");
    what.dns_names = {"gw-a.example"};
    what.blocks = pki::blocks({"10.1.0.0/16"});
    for (const auto kind : {pki::KeyKind::kEcdsaP256, pki::KeyKind::kEd25519}) {
      gateways_.push_back(issued(what, ca_, kind));
    }
    const auto used = examiner_.use(pki::trusting({&ca_, &second_ca_}));
    ASSERT_TRUE(used) << used.error();
  }

  [[nodiscard]] std::string examine(const pki::Holder& gateway) {
    const std::vector<base::ByteView> chain{gateway.certificate.der()};
    const auto found = examiner_.examine(chain, pki::kNow);
    return found ? found->verified.blocks->text() : std::string(name(found.error().code));
  }
  /// Turns the loop until an examination succeeds again.
  [[nodiscard]] bool comes_back() {
    const base::Instant end = Loop::now() + 20s;
    while (Loop::now() < end) {
      if (!loop_.turn(50ms)) return false;
      if (examine(gateways_.front()) == "10.1.0.0/16") return true;
    }
    return false;
  }

  pki::Holder ca_ = pki::root([] {
    pki::Wanted what = pki::wanted("ca");
    what.blocks = pki::blocks({"10.0.0.0/8"});
    return what;
  }());
  pki::Holder second_ca_ = pki::root(pki::wanted("another"), pki::KeyKind::kEd25519);
  std::vector<pki::Holder> gateways_;
  Loop loop_;
  std::vector<std::string> told_;
  Examiner examiner_{loop_, [this](const std::string& why) { told_.push_back(why); }, OPENTED_TEDD};
};

TEST_F(ExaminerTest, FindsWhatThisProcessWouldHaveFound) {
  const base::Bytes bytes = pki::bytes_of("what was signed");
  for (const pki::Holder& gateway : gateways_) {
    EXPECT_EQ(examine(gateway), "10.1.0.0/16");
    EXPECT_EQ(*examiner_.describe(gateway.certificate.der()), gateway.certificate.facts());
    const auto signature = *gateway.key.sign(bytes);
    EXPECT_TRUE(examiner_.check_signature(gateway.certificate.der(), bytes, signature));
    const auto wrong = examiner_.check_signature(gateway.certificate.der(), pki::bytes_of("other"), signature);
    EXPECT_EQ(wrong.error().code, pki::ErrorCode::kWrongSignature);
  }
  const pki::Holder stranger = issued(pki::wanted("stranger"), pki::root(pki::wanted("another ca")));
  EXPECT_EQ(examine(stranger), "unknown-issuer");
  EXPECT_EQ(examiner_.describe(bytes).error().code, pki::ErrorCode::kMalformed);
  EXPECT_TRUE(told_.empty()) << told_.front();
}

TEST_F(ExaminerTest, EachDamagedByteOfACertificateIsSurvived) {
  const base::Bytes whole = gateways_.front().certificate.der();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    base::Bytes damaged = whole;
    damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ 0xffU);
    const std::vector<base::ByteView> chain{damaged};
    static_cast<void>(examiner_.examine(chain, pki::kNow));
  }
  EXPECT_EQ(examine(gateways_.front()), "10.1.0.0/16");
  EXPECT_TRUE(told_.empty()) << told_.front();
}

TEST_F(ExaminerTest, HasNoRightAndNoWayToOne) {
  const std::string status = status_of(*examiner_.pid());
  for (const char* line : {"CapInh:\t0000000000000000", "CapPrm:\t0000000000000000", "CapEff:\t0000000000000000",
                           "CapAmb:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"}) {
    EXPECT_NE(status.find(line), std::string::npos) << line << " in\n" << status;
  }
}

TEST_F(ExaminerTest, WhenItIsKilledAnotherOneIsThereAtOnce) {
  const pid_t before = *examiner_.pid();
  ASSERT_EQ(::kill(before, SIGKILL), 0);
  EXPECT_TRUE(comes_back());
  EXPECT_NE(examiner_.pid(), before);
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_NE(told_.front().find("is lost (it has ended: signal 9)"), std::string::npos) << told_.front();
}

TEST_F(ExaminerTest, OneThatIsStuckCostsOneRequestABoundedTime) {
  ASSERT_EQ(::kill(*examiner_.pid(), SIGSTOP), 0);
  const base::Instant start = Loop::now();
  EXPECT_EQ(examine(gateways_.front()), "not-examined");
  const base::Duration took = Loop::now() - start;
  EXPECT_GE(took, kExaminerPatience);
  EXPECT_LT(took, 10 * kExaminerPatience) << "on a machine that is not ten times too slow";
  EXPECT_TRUE(comes_back());
}

// Its process is another user then, which root may end by a capability alone. They are a thread's own.
TEST_F(ExaminerTest, RootThatLoweredItsRightsEndsOneThatIsStuck) {
  if (::geteuid() != 0) GTEST_SKIP() << "for root";
  const pid_t stuck = *examiner_.pid();
  ASSERT_EQ(::kill(stuck, SIGSTOP), 0);
  auto found = std::async(std::launch::async, [this] {
    return rights::lower() ? examine(gateways_.front()) : std::string("the rights could not be lowered");
  });
  const bool returned = found.wait_for(20s) == std::future_status::ready;
  EXPECT_TRUE(returned) << "it waits for what it may not end";
  if (!returned) ::kill(stuck, SIGKILL);
  EXPECT_EQ(found.get(), "not-examined");
}

// Each of them stops as soon as it runs: what tedd waits for all of them together is bounded by their rate.
TEST_F(ExaminerTest, HoweverOftenItIsStuckTeddGoesOn) {
  base::Duration waited{};
  std::size_t asked = 0;
  const base::Instant start = Loop::now();
  while (Loop::now() - start < 4s) {
    if (const auto pid = examiner_.pid()) ::kill(*pid, SIGSTOP);
    const base::Instant before = Loop::now();
    static_cast<void>(examine(gateways_.front()));
    waited += Loop::now() - before;
    ++asked;
    ASSERT_TRUE(loop_.turn(1ms));
  }
  // The first, three at once, and one every two seconds; each is waited for as it starts and once more at most.
  EXPECT_LT(waited, (1 + 3 + 2) * 2 * kExaminerPatience);
  EXPECT_GT(asked, 100U) << "the others were told at once that it is away";
  EXPECT_TRUE(comes_back());
}

TEST_F(ExaminerTest, OtherAuthoritiesAreAnotherProcess) {
  const pid_t before = *examiner_.pid();
  const pki::Holder other = pki::root(pki::wanted("other"));
  ASSERT_TRUE(examiner_.use(pki::trusting({&other})));
  EXPECT_NE(*examiner_.pid(), before);
  EXPECT_EQ(examine(gateways_.front()), "unknown-issuer");
  EXPECT_TRUE(told_.empty());
}

/// A program in its place that says it is ready, and `answer`, an expression of Python, to each `request`.
std::string impostor(const pki::Folder& folder, const std::string& answer) {
  const std::string text = R"(#!/usr/bin/python3
import socket
asked = socket.socket(fileno=3)
asked.send(b'\xc1')
while request := asked.recv(65536):
    asked.send()" + answer +
                           ")\n";
  return folder.write("impostor", pki::bytes_of(text), 0700);
}

TEST_F(ExaminerTest, WhoAnswersSomethingElseIsNotAskedAgain) {
  const pki::Folder folder;
  const std::string good = "b'\\x83' + request[1:9]";
  for (const auto& [answer, why] : std::vector<std::pair<std::string, std::string>>{
           {good, ""},
           {"b'\\x83' + bytes(8)", "it answers something that it was not asked"},
           {"b'\\x82' + request[1:9]", "it answers something that it was not asked"},
           {"b'\\xc1'", "it answers something that it was not asked"},
           {"request", "it answers something that it was not asked"},
           {good + " + b'more'", "its answer says nothing"},
           {"b'\\x84' + request[1:9] + b'\\xff' + bytes(4)", "its answer says nothing"}}) {
    std::vector<std::string> told;
    Examiner examiner(loop_, [&told](const std::string& words) { told.push_back(words); }, impostor(folder, answer));
    ASSERT_TRUE(examiner.use(pki::trusting({&ca_}))) << answer;
    const pid_t before = *examiner.pid();
    const auto checked = examiner.check_signature(gateways_.front().certificate.der(), {}, {});
    if (why.empty()) {
      EXPECT_TRUE(checked && told.empty()) << "what the others get wrong is right in this one";
      continue;
    }
    ASSERT_FALSE(checked) << answer;
    EXPECT_EQ(checked.error().code, pki::ErrorCode::kNotExamined);
    ASSERT_EQ(told.size(), 1U) << answer;
    EXPECT_NE(told.front().find("is lost (" + why), std::string::npos) << told.front();
    EXPECT_NE(examiner.pid(), before);
  }
}

TEST_F(ExaminerTest, AProgramThatIsNoneIsToldAndTheOneBeforeStays) {
  Examiner none(loop_, [](const std::string&) {}, "/nonexistent/tedd");
  const auto used = none.use(pki::trusting({&ca_}));
  ASSERT_FALSE(used);
  EXPECT_NE(used.error().find("cannot be started"), std::string::npos) << used.error();
  Examiner other(loop_, [](const std::string&) {}, "/bin/true");
  const auto ended = other.use(pki::trusting({&ca_}));
  ASSERT_FALSE(ended);
  EXPECT_NE(ended.error().find("does not start: it has ended"), std::string::npos) << ended.error();
  EXPECT_EQ(examine(gateways_.front()), "10.1.0.0/16");
}

}  // namespace
}  // namespace tedd
