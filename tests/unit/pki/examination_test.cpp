// What crosses between tedd and the process that examines certificates for it.
#include "platform/pki/examination.hpp"

#include <gtest/gtest.h>

#include "unit/pki/authority.hpp"

namespace pki {
namespace {

class Examination : public testing::Test {
 protected:
  Examination() {
    Wanted what = wanted("gw-a.example");
    what.dns_names = {"gw-a.example"};
    what.addresses = {*base::Address::parse("192.0.2.1"), *base::Address::parse("2001:db8::1")};
    what.blocks = blocks({"10.1.0.0/16", "2001:db8:1::/48"});
    gateway_.emplace(issued(what, ca_));
  }
  [[nodiscard]] base::ByteView der() const { return gateway_->certificate.der(); }

  Holder ca_ = root([] {
    Wanted what = wanted("ca");
    what.blocks = blocks({"10.0.0.0/8", "2001:db8::/32"});
    return what;
  }());
  std::optional<Holder> gateway_;
  TrustStore trust_ = trusting({&ca_});
  LocalExaminer local_{trust_};
};

TEST_F(Examination, SaysWhatThisProcessWouldHaveFound) {
  const auto described_facts = described(answer(local_, ask_to_describe(1, der())));
  ASSERT_TRUE(described_facts);
  EXPECT_EQ(*described_facts, gateway_->certificate.facts());
  const std::vector<base::ByteView> chain{der()};
  const auto found = examined(answer(local_, ask_to_examine(2, chain, kNow)));
  const auto direct = local_.examine(chain, kNow);
  ASSERT_TRUE(found && direct);
  EXPECT_EQ(found->facts, direct->facts);
  EXPECT_EQ(found->verified.blocks->text(), "10.1.0.0/16, 2001:db8:1::/48");
  EXPECT_EQ(found->verified.until, direct->verified.until);
  EXPECT_EQ(found->verified.until, gateway_->certificate.not_after());
}

TEST_F(Examination, SaysWhyNot) {
  const std::vector<base::ByteView> chain{der()};
  const auto late = examined(answer(local_, ask_to_examine(2, chain, kNow + days(60))));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::kExpired);
  EXPECT_EQ(late.error().message, local_.examine(chain, kNow + days(60)).error().message);
  const base::Bytes bytes = bytes_of("what was signed");
  const auto signature = *gateway_->key.sign(bytes);
  EXPECT_TRUE(checked(answer(local_, ask_to_check(3, der(), bytes, signature))));
  const auto wrong = checked(answer(local_, ask_to_check(3, der(), bytes_of("something else"), signature)));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::kWrongSignature);
}

TEST_F(Examination, AuthoritiesAndListsArriveWhole) {
  const auto list = revoke(ca_.certificate, ca_.key, {}, {gateway_->certificate.serial()}, kNow, kNow + days(7));
  const Folder folder;
  ASSERT_TRUE(trust_.add_revocations(folder.write("ca.crl", *list)));
  const base::Bytes bytes = encode_trust(trust_);
  const auto there = decode_trust(bytes);
  ASSERT_TRUE(there) << there.error().message;
  EXPECT_EQ(why_not(*there, {gateway_->certificate}), "revoked");
  for (std::size_t length = 0; length < bytes.size(); length += 7) {
    EXPECT_FALSE(decode_trust(base::ByteView(bytes).first(length))) << length;
  }
}

// Whoever takes that process over may say what it likes, and no more happens than that.
TEST_F(Examination, NoAnswerThatIsCutShortOrDamagedSaysAnything) {
  const std::vector<base::ByteView> chain{der()};
  const base::Bytes whole = answer(local_, ask_to_examine(2, chain, kNow));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto found = examined(base::ByteView(whole).first(length));
    ASSERT_FALSE(found) << length;
    EXPECT_EQ(found.error().code, ErrorCode::kNotExamined);
  }
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int value : {0, 1, 127, 255}) {
      base::Bytes damaged = whole;
      damaged[at] = static_cast<std::uint8_t>(value);
      const auto found = examined(damaged);
      EXPECT_TRUE(!found || !found->facts.names.empty());
      static_cast<void>(described(damaged));
      static_cast<void>(checked(damaged));
    }
  }
  EXPECT_EQ(checked({}).error().code, ErrorCode::kNotExamined);
}

TEST_F(Examination, NoRequestThatIsCutShortIsAnsweredWithSuccess) {
  const base::Bytes bytes = bytes_of("what was signed");
  const auto signature = *gateway_->key.sign(bytes);
  const base::Bytes whole = ask_to_check(3, der(), bytes, signature);
  for (std::size_t length = 0; length < whole.size(); length += 3) {
    EXPECT_FALSE(checked(answer(local_, base::ByteView(whole).first(length)))) << length;
  }
}

TEST_F(Examination, AnAnswerIsOneToItsRequestAlone) {
  const std::vector<base::ByteView> chain{der()};
  const base::Bytes bytes = bytes_of("what was signed");
  const auto signature = *gateway_->key.sign(bytes);
  const std::vector requests{
      ask_to_describe(7, der()), ask_to_examine(7, chain, kNow), ask_to_check(7, der(), bytes, signature),
      ask_to_describe(8, der()), ask_to_examine(8, chain, kNow), ask_to_check(8, der(), bytes, signature)};
  for (const base::Bytes& asked : requests) {
    const base::Bytes told = answer(local_, asked);
    for (const base::Bytes& other : requests) {
      EXPECT_EQ(is_answer(told, other), &asked == &other);
      EXPECT_FALSE(is_answer(other, asked)) << "a request is no answer";
    }
    EXPECT_FALSE(is_answer(say_ready(), asked));
    EXPECT_FALSE(is_answer(base::ByteView(told).first(8), asked));
    EXPECT_FALSE(is_answer(told, base::ByteView(asked).first(8)));
  }
}

TEST_F(Examination, AFailureIsOneToItsRequestAlone) {
  const base::Bytes first = ask_to_describe(7, bytes_of("no certificate"));
  const base::Bytes second = ask_to_describe(8, bytes_of("no certificate"));
  EXPECT_TRUE(is_answer(answer(local_, first), first));
  EXPECT_FALSE(is_answer(answer(local_, first), second));
}

// A signature that was found good is no certificate that was.
TEST_F(Examination, NoTypeOfAnswerIsReadAsAnother) {
  const base::Bytes bytes = bytes_of("what was signed");
  const base::Bytes good = answer(local_, ask_to_check(3, der(), bytes, *gateway_->key.sign(bytes)));
  EXPECT_TRUE(checked(good));
  EXPECT_FALSE(described(good));
  EXPECT_FALSE(examined(good));
  const base::Bytes facts = answer(local_, ask_to_describe(3, der()));
  EXPECT_TRUE(described(facts));
  EXPECT_FALSE(checked(facts));
  for (const base::Bytes& start : {say_ready(), say_unfit("why")}) EXPECT_FALSE(checked(start));
}

TEST_F(Examination, NothingMayFollow) {
  const std::vector<base::ByteView> chain{der()};
  for (base::Bytes told : {answer(local_, ask_to_describe(1, der())), answer(local_, ask_to_examine(1, chain, kNow)),
                           answer(local_, ask_to_check(1, der(), {}, {}))}) {
    told.push_back(0);
    const auto code = [](const auto& found) {
      return found ? std::string("none") : std::string(name(found.error().code));
    };
    EXPECT_EQ(code(described(told)), "not-examined");
    EXPECT_EQ(code(examined(told)), "not-examined");
    EXPECT_EQ(code(checked(told)), "not-examined");
  }
  base::Bytes asked = ask_to_describe(1, der());
  asked.push_back(0);
  EXPECT_EQ(described(answer(local_, asked)).error().code, ErrorCode::kMalformed);
}

TEST(ExaminationStart, IsReadyOrSaysWhyNot) {
  EXPECT_TRUE(read_start(say_ready()));
  EXPECT_EQ(read_start(say_unfit("no seccomp")).error(), "no seccomp");
  EXPECT_FALSE(read_start({}));
  EXPECT_FALSE(read_start(base::Bytes{0}));
  base::Bytes more = say_ready();
  more.push_back(0);
  EXPECT_FALSE(read_start(more));
}

TEST_F(Examination, WhatHoldsEndsWithTheListThatItRestsOn) {
  const auto list = revoke(ca_.certificate, ca_.key, {}, {}, kNow, kNow + days(7));
  const Folder folder;
  ASSERT_TRUE(trust_.add_revocations(folder.write("ca.crl", *list)));
  const auto verified = trust_.verify(std::vector{gateway_->certificate}, kNow);
  ASSERT_TRUE(verified);
  EXPECT_EQ(verified->until, kNow + days(7));
  EXPECT_EQ(why_not(trust_, {gateway_->certificate}, verified->until - seconds(1)), "");
  EXPECT_EQ(why_not(trust_, {gateway_->certificate}, verified->until + seconds(1)), "revocations-stale");
}

}  // namespace
}  // namespace pki
