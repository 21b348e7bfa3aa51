// Proofs by real keys: what is believed, and what is said of the rest.
#include "daemon/authenticator.hpp"

#include <cstdio>
#include <fstream>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <sys/stat.h>
#include <utility>

#include "base/hex.hpp"
#include "unit/pki/authority.hpp"
#include "unit/wire/build.hpp"
#include "unit/wire/vector_file.hpp"
#include "wire/codec.hpp"
#include "wire/layout.hpp"
#include "wire/proof.hpp"

namespace tedd {
namespace {

using engine::Counter;
using engine::Means;

constexpr std::uint64_t kNow = 1'800'000'000'000;
constexpr Means kKey{.keyed_hash = true};

DiscoveryKeys keys(std::initializer_list<const char*> texts) {
  DiscoveryKeys all;
  for (const char* text : texts) all.keys.emplace_back(text);
  return all;
}

/// A gateway with those keys whose clock says `now`.
Authenticator gateway(std::initializer_list<const char*> texts, std::uint64_t now = kNow) {
  return Authenticator(keys(texts), [now] { return now; });
}

base::Bytes sealed(Authenticator& by) {
  return by.seal(wire::encode(sample_probe()), kKey);
}

engine::Standing judged(Authenticator& by, const base::Bytes& datagram, const engine::Sender& sender = {}) {
  const auto message = wire::decode(datagram);
  return by.judge(datagram, std::get<wire::Probe>(*message).proof_at, sender);
}

engine::Sender at(const char* gateway, engine::Sender::Reach reach) {
  return {base::Address::parse(gateway).value(), reach};
}

/// Of the datagram each `step`th bit, changed alone, leaves nothing proven.
void expect_no_bit_changes(Authenticator& a, const base::Bytes& datagram, std::size_t step) {
  for (std::size_t bit = 0; bit < datagram.size() * 8; bit += step) {
    base::Bytes changed = datagram;
    changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1U << (bit % 8)));
    const auto message = wire::decode(changed);
    const auto* probe = message ? std::get_if<wire::Probe>(&*message) : nullptr;
    if (probe == nullptr || probe->proof_at == 0) continue;
    EXPECT_FALSE(a.judge(changed, probe->proof_at, {}).is_proven()) << "bit " << bit;
  }
}

TEST(AuthenticatorTest, TheSameKeyIsBelieved) {
  Authenticator a = gateway({"one key for all of us"});
  Authenticator b = gateway({"one key for all of us"});
  const base::Bytes datagram = sealed(a);
  EXPECT_EQ(datagram.size(), wire::encode(sample_probe()).size() + a.length(kKey));
  const auto standing = judged(b, datagram);
  EXPECT_EQ(standing.proven, kKey);
  EXPECT_EQ(standing.text(), "keyed hash");
}

TEST(AuthenticatorTest, AnotherKeyIsNotAndTheWayOutIsSaid) {
  Authenticator a = gateway({"one key for all of us"});
  Authenticator b = gateway({"another one"});
  const auto standing = judged(b, sealed(a));
  EXPECT_FALSE(standing.is_proven());
  EXPECT_EQ(standing.reason, Counter::kProofsWrong);
  EXPECT_NE(standing.fault.find("key_file must be the same"), std::string::npos) << standing.fault;
}

TEST(AuthenticatorTest, NoBitOfADatagramCanBeChanged) {
  Authenticator a = gateway({"one key for all of us"});
  expect_no_bit_changes(a, sealed(a), 1);
}

TEST(AuthenticatorTest, WhileKeysChangeTheOldOneIsStillTaken) {
  Authenticator old = gateway({"the old key of us all"});
  Authenticator changing = gateway({"the new key of us all", "the old key of us all"});
  Authenticator fresh = gateway({"the new key of us all"});
  EXPECT_TRUE(judged(changing, sealed(old)).is_proven());
  EXPECT_TRUE(judged(fresh, sealed(changing)).is_proven());
  EXPECT_FALSE(judged(old, sealed(changing)).is_proven());
}

TEST(AuthenticatorTest, AClockThatIsOffIsNamedWithBySeconds) {
  Authenticator a = gateway({"one key for all of us"});
  for (const std::int64_t off : {-61'000, 61'000}) {
    Authenticator b =
        gateway({"one key for all of us"}, static_cast<std::uint64_t>(static_cast<std::int64_t>(kNow) + off));
    const auto standing = judged(b, sealed(a));
    EXPECT_FALSE(standing.is_proven());
    EXPECT_EQ(standing.reason, Counter::kProofsStale);
    EXPECT_NE(standing.fault.find(off < 0 ? "61 seconds in the future" : "61 seconds ago"), std::string::npos)
        << standing.fault;
  }
  Authenticator near = gateway({"one key for all of us"}, kNow + 59'000);
  EXPECT_TRUE(judged(near, sealed(a)).is_proven());
}

TEST(AuthenticatorTest, WhoHasNoKeyProvesAndJudgesNothing) {
  Authenticator a = gateway({"one key for all of us"});
  Authenticator none = gateway({});
  EXPECT_FALSE(none.means().any());
  const auto standing = judged(none, sealed(a));
  EXPECT_FALSE(standing.is_proven());
  EXPECT_EQ(standing.reason, Counter::kProofsMissing);
}

// The bytes are an independent encoder's, and so is the hash.
TEST(AuthenticatorTest, TheHashesOfTheVectorsHold) {
  Authenticator judge(keys({"the discovery key of the vectors"}), [] { return std::uint64_t{1'800'000'000'123}; });
  std::size_t seen = 0;
  for (const char* file : {"probe.vec", "response.vec"}) {
    for (const auto& one : read_vectors(file)) {
      if (one.value("Name") != "keyed hash") continue;
      const base::Bytes datagram = one.buffer();
      const auto message = wire::decode(datagram);
      ASSERT_TRUE(message);
      const auto at = std::visit([](const auto& either) { return either.proof_at; }, *message);
      EXPECT_TRUE(judge.judge(datagram, at, {}).is_proven()) << file;
      ++seen;
    }
  }
  EXPECT_EQ(seen, 2U);
}

/// A CA, and gateways with its certificates.
class Signatures : public ::testing::Test {
 protected:
  static constexpr Means kSigned{.signature = true};
  static constexpr std::uint64_t kToday = 1'800'000'000'000;  // pki::kNow

  [[nodiscard]] pki::Holder holder(const char* name, std::initializer_list<const char*> blocks,
                                   pki::KeyKind kind = pki::KeyKind::kEcdsaP256,
                                   const pki::Holder* by = nullptr) const {
    pki::Wanted what = pki::wanted(name);
    what.dns_names = {name};
    if (blocks.size() > 0) what.blocks = pki::blocks(blocks);
    return pki::issued(what, by == nullptr ? ca_ : *by, kind);
  }
  [[nodiscard]] DiscoveryKeys signer(pki::Holder own, std::initializer_list<const char*> keys = {}) const {
    DiscoveryKeys made = tedd::keys(keys);
    made.signer = std::make_shared<const pki::Credentials>(
        pki::Credentials{{own.certificate}, std::move(own.key), pki::trusting({&ca_}), "own"});
    return made;
  }
  [[nodiscard]] Authenticator gateway(pki::Holder own, std::initializer_list<const char*> keys = {}) const {
    return Authenticator(signer(std::move(own), keys), [] { return kToday; });
  }
  static base::Bytes signed_by(Authenticator& by) { return by.seal(wire::encode(sample_probe()), by.means()); }

  pki::Holder ca_ = pki::root([] {
    pki::Wanted what = pki::wanted("ca");
    what.blocks = pki::blocks({"10.0.0.0/8"});
    return what;
  }());
};

TEST_F(Signatures, AreBelievedWithWhatTheirHolderMaySpeakFor) {
  for (const auto kind : {pki::KeyKind::kEcdsaP256, pki::KeyKind::kEd25519}) {
    Authenticator a = gateway(holder("gw-a.example", {"10.1.0.0/16"}, kind));
    Authenticator b = gateway(holder("gw-b.example", {"10.2.0.0/16"}));
    const base::Bytes datagram = signed_by(a);
    EXPECT_EQ(datagram.size(), wire::encode(sample_probe()).size() + a.length(kSigned));
    const auto standing = judged(b, datagram);
    ASSERT_EQ(standing.proven, kSigned) << standing.fault;
    EXPECT_EQ(standing.text(), "signature of gw-a.example");
    EXPECT_EQ(standing.authorisation->allowed.text(), "10.1.0.0/16");
    EXPECT_EQ(judged(b, datagram).text(), standing.text()) << "by the chain that is known now";
  }
}

TEST_F(Signatures, OfTheLongestNameStillFitADatagram) {
  pki::Wanted what = pki::wanted("gateway-of-the-branch-office-in-a-town-with-a-long-name.example");
  what.dns_names = {what.common_name};
  what.addresses = {*base::Address::parse("2001:db8::1"), *base::Address::parse("192.0.2.1")};
  what.blocks = pki::blocks({"10.1.0.0/16", "10.3.0.0/16", "10.5.0.0/16", "10.7.0.0/16"});
  Authenticator a = gateway(issued(what, ca_));
  EXPECT_LE(a.length(kSigned) - wire::kProofLength, wire::kMaxSignedLength);
}

TEST_F(Signatures, NoBitCanBeChanged) {
  Authenticator a = gateway(holder("gw-a.example", {"10.1.0.0/16"}));
  expect_no_bit_changes(a, signed_by(a), 3);
}

TEST_F(Signatures, OfAStrangersCaAreRefusedWithTheReason) {
  const pki::Holder foreign_ca = pki::root(pki::wanted("another ca"));
  Authenticator a = gateway(holder("gw-a.example", {}, pki::KeyKind::kEcdsaP256, &foreign_ca));
  Authenticator b = gateway(holder("gw-b.example", {"10.2.0.0/16"}));
  const auto standing = judged(b, signed_by(a));
  EXPECT_FALSE(standing.is_proven());
  EXPECT_EQ(standing.reason, Counter::kProofsUntrusted);
  EXPECT_NE(standing.fault.find("its certificate is refused"), std::string::npos) << standing.fault;
}

TEST_F(Signatures, WithAWrongKeyedHashAreNotLookedAt) {
  Authenticator a = gateway(holder("gw-a.example", {"10.1.0.0/16"}), {"one key for all of us"});
  Authenticator b = gateway(holder("gw-b.example", {"10.2.0.0/16"}), {"another one, as long"});
  EXPECT_EQ(judged(b, signed_by(a)).reason, Counter::kProofsWrong);
  Authenticator c = gateway(holder("gw-c.example", {"10.3.0.0/16"}), {"one key for all of us"});
  EXPECT_EQ(judged(c, signed_by(a)).text(), "signature of gw-a.example, keyed hash");
}

TEST_F(Signatures, AreNotToBeLeftOutByWhoKnowsTheKey) {
  Authenticator a = tedd::gateway({"one key for all of us"});
  Authenticator b = gateway(holder("gw-b.example", {"10.2.0.0/16"}), {"one key for all of us"});
  const auto standing = judged(b, sealed(a));
  EXPECT_FALSE(standing.is_proven());
  EXPECT_EQ(standing.reason, Counter::kProofsMissing);
  EXPECT_NE(standing.fault.find("does not sign"), std::string::npos) << standing.fault;
}

TEST_F(Signatures, OfThoseWithoutTheKeyAreCheckedSoOftenASecondAndNoMore) {
  Authenticator stranger = gateway(holder("gw-a.example", {"10.1.0.0/16"}));
  Authenticator b = gateway(holder("gw-b.example", {"10.2.0.0/16"}), {"one key for all of us"});
  const base::Bytes datagram = signed_by(stranger);
  std::size_t checked = 0;
  engine::Standing last;
  for (int i = 0; i < 2'000; ++i) {
    last = judged(b, datagram);
    checked += last.is_proven() ? 1U : 0U;
  }
  EXPECT_LE(checked, static_cast<std::size_t>(kKnownSignatures + kNewSignatures));
  EXPECT_EQ(last.reason, Counter::kProofsUnchecked);
  Authenticator friendly = gateway(holder("gw-c.example", {"10.3.0.0/16"}), {"one key for all of us"});
  EXPECT_TRUE(judged(b, signed_by(friendly)).is_proven()) << "who knows the key is not in that queue";
}

// Its certificate is no secret: whoever has seen one message of a gateway can show it, under signatures of nobody.
TEST_F(Signatures, OfNobodyUnderOneGatewaysCertificateAreNotInTheWayOfOthers) {
  Authenticator seen = gateway(holder("gw-a.example", {"10.1.0.0/16"}));
  Authenticator other = gateway(holder("gw-c.example", {"10.3.0.0/16"}));
  Authenticator b = gateway(holder("gw-b.example", {"10.2.0.0/16"}));
  ASSERT_TRUE(judged(b, signed_by(seen)).is_proven());
  ASSERT_TRUE(judged(b, signed_by(other)).is_proven());
  base::Bytes forged = signed_by(seen);
  forged.back() ^= 1U;
  std::size_t looked_at = 0;
  for (int i = 0; i < 3'000; ++i) looked_at += judged(b, forged).reason == Counter::kProofsWrong ? 1U : 0U;
  EXPECT_LE(looked_at, static_cast<std::size_t>(kSignaturesOfOneChain));
  EXPECT_TRUE(judged(b, signed_by(other)).is_proven());
  Authenticator fresh = gateway(holder("gw-d.example", {"10.4.0.0/16"}));
  EXPECT_TRUE(judged(b, signed_by(fresh)).is_proven()) << "nor in that of newcomers";
}

// Certificates of nobody, each another one: none is known, so that each would cost the most.
TEST_F(Signatures, OfStrangersAreNotInTheWayOfThoseWhoEcho) {
  using enum engine::Sender::Reach;
  Authenticator b = gateway(holder("gw-b.example", {"10.2.0.0/16"}));
  Authenticator seen = gateway(holder("gw-a.example", {"10.1.0.0/16"}));
  ASSERT_TRUE(judged(b, signed_by(seen)).is_proven());
  base::Bytes forged = signed_by(seen);
  forged.back() ^= 1U;
  std::size_t looked_at = 0;
  for (int i = 0; i < 3'000; ++i) {
    const auto standing = judged(b, forged, at("192.0.2.66", kCanBeAsked));
    looked_at += standing.reason == Counter::kProofsWrong ? 1U : 0U;
    EXPECT_EQ(standing.wants_echo, standing.reason == Counter::kProofsUnchecked);
  }
  EXPECT_LE(looked_at, static_cast<std::size_t>(kSignaturesOfOneChain / 2)) << "those who can be asked leave a half";
  EXPECT_TRUE(judged(b, signed_by(seen), at("192.0.2.1", kShown)).is_proven()) << "whose certificate that is";
  for (int i = 0; i < 3'000; ++i) (void)judged(b, forged, at("192.0.2.66", kUnknown));
  const auto old = judged(b, signed_by(seen), at("192.0.2.1", kUnknown));
  EXPECT_EQ(old.reason, Counter::kProofsUnchecked);
  EXPECT_FALSE(old.wants_echo) << "who would not understand is not asked";
  EXPECT_TRUE(judged(b, signed_by(seen), at("192.0.2.1", kShown)).is_proven());
}

TEST_F(Signatures, OfOneThatEchoesAreNotInTheWayOfOthersThatDo) {
  using enum engine::Sender::Reach;
  Authenticator b = gateway(holder("gw-b.example", {"10.2.0.0/16"}));
  Authenticator hostile = gateway(holder("gw-a.example", {"10.1.0.0/16"}));
  base::Bytes forged = signed_by(hostile);
  ASSERT_TRUE(judged(b, forged).is_proven());
  forged.back() ^= 1U;
  for (const char* one : {"192.0.2.66", "2001:db8::66"}) {
    std::size_t looked_at = 0;
    for (int i = 0; i < 1'000; ++i) {
      looked_at += judged(b, forged, at(one, kShown)).reason == Counter::kProofsWrong ? 1U : 0U;
    }
    EXPECT_GE(looked_at, 1U) << one;
    EXPECT_LE(looked_at, 1U + static_cast<std::size_t>(kSignaturesOfOneChain)) << one << ": its own, and a stranger's";
  }
  EXPECT_EQ(judged(b, forged, at("2001:db8::67", kShown)).reason, Counter::kProofsUnchecked) << "of the same /64";
  Authenticator fresh = gateway(holder("gw-d.example", {"10.4.0.0/16"}));
  EXPECT_TRUE(judged(b, signed_by(fresh), at("192.0.2.4", kShown)).is_proven());
}

TEST_F(Signatures, AreCheckedAgainSoonAfterAClockWasPutBack) {
  constexpr std::uint64_t kDay = 86'400'000;
  std::uint64_t now = kToday + kDay;
  Authenticator b(signer(holder("gw-b.example", {"10.2.0.0/16"})), [&now] { return now; });
  Authenticator a(signer(holder("gw-a.example", {"10.1.0.0/16"})), [&now] { return now; });
  for (int i = 0; i < 2'000; ++i) (void)judged(b, signed_by(a));
  ASSERT_EQ(judged(b, signed_by(a)).reason, Counter::kProofsUnchecked);
  now = kToday;
  (void)judged(b, signed_by(a));
  now += 100;
  EXPECT_TRUE(judged(b, signed_by(a)).is_proven());
}

TEST_F(Signatures, OfAKnownChainDoNotOutliveItsDatesBecauseAClockWasPutBack) {
  constexpr std::uint64_t kYear = 365ULL * 86'400'000;
  std::uint64_t now = kToday;
  const auto clock = [&now] { return now; };
  Authenticator b(signer(holder("gw-b.example", {"10.2.0.0/16"})), clock);
  Authenticator a(signer(holder("gw-a.example", {"10.1.0.0/16"})), clock);
  ASSERT_TRUE(judged(b, signed_by(a)).is_proven());
  now -= 10 * kYear;
  EXPECT_EQ(judged(b, signed_by(a)).reason, Counter::kProofsUntrusted) << "its certificate is of later";
}

TEST_F(Signatures, OfThoseWithTheKeyAreBoundedToo) {
  Authenticator hostile = gateway(holder("gw-a.example", {"10.1.0.0/16"}), {"one key for all of us"});
  Authenticator b = gateway(holder("gw-b.example", {"10.2.0.0/16"}), {"one key for all of us"});
  const base::Bytes datagram = signed_by(hostile);
  engine::Standing last;
  std::size_t checked = 0;
  for (int i = 0; i < 5'500; ++i) {
    last = judged(b, datagram);
    checked += last.is_proven() ? 1U : 0U;
  }
  EXPECT_LE(checked, static_cast<std::size_t>(kKeyedKnownSignatures + kKeyedNewSignatures));
  EXPECT_EQ(last.reason, Counter::kProofsUnchecked);
}

TEST_F(Signatures, AnswerToTheListOfPeersAsInIke) {
  DiscoveryKeys with_list = signer(holder("gw-b.example", {"10.2.0.0/16"}));
  base::AddressSet given;
  given.add(*base::Prefix::parse("10.1.2.0/24"));
  with_list.peers = {{"gw-a.example", given}};
  Authenticator b(std::move(with_list), [] { return kToday; });
  Authenticator a = gateway(holder("gw-a.example", {"10.1.0.0/16"}));
  EXPECT_EQ(judged(b, signed_by(a)).authorisation->allowed.text(), "10.1.2.0/24");
  Authenticator nobody = gateway(holder("gw-x.example", {}));
  EXPECT_TRUE(judged(b, signed_by(nobody)).authorisation->allowed.empty());
}

config::Config config_with(std::vector<std::string> key_files) {
  config::Config config;
  config.discovery.key_files = std::move(key_files);
  return config;
}

class KeyFiles : public ::testing::Test {
 protected:
  std::string file(const std::string& name, const std::string& content, mode_t mode = 0600) {
    const std::string path = testing::TempDir() + "/" + name;
    std::ofstream(path) << content;
    ::chmod(path.c_str(), mode);
    return path;
  }
};

TEST_F(KeyFiles, AreReadInTheirOrder) {
  const std::string first = file("first.key", "the new key of us all\n");
  const std::string second = file("second.key", "the old key of us all\n");
  auto loaded = load_discovery_keys(config_with({first, second}), {});
  ASSERT_TRUE(loaded) << loaded.error();
  Authenticator a(*std::move(loaded), [] { return kNow; });
  Authenticator fresh = gateway({"the new key of us all"});
  EXPECT_TRUE(judged(fresh, sealed(a)).is_proven());
}

TEST_F(KeyFiles, WhatIsNoSecretIsRefusedAndNeverShown) {
  for (const auto& [content, mode, why] : std::initializer_list<std::tuple<const char*, mode_t, const char*>>{
           {"a secret of enough bytes", 0640, "is open to other users"},
           {"short secret", 0600, "is shorter than 16 bytes"},
           {"", 0600, "is empty"},
       }) {
    const std::string path = file("bad.key", content, mode);
    const auto loaded = load_discovery_keys(config_with({path}), {});
    ASSERT_FALSE(loaded) << content;
    EXPECT_NE(loaded.error().find("key_file '" + path + "' " + why), std::string::npos) << loaded.error();
    EXPECT_EQ(loaded.error().find("secret of enough"), std::string::npos);
    EXPECT_EQ(loaded.error().find("short secret"), std::string::npos);
  }
}

}  // namespace
}  // namespace tedd
