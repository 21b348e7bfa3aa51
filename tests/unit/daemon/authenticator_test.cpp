// Proofs by real keys: what is believed, and what is said of the rest.
#include "daemon/authenticator.hpp"

#include <cstdio>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <sys/stat.h>
#include <utility>

#include "base/hex.hpp"
#include "unit/wire/build.hpp"
#include "unit/wire/vector_file.hpp"
#include "wire/codec.hpp"
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

engine::Standing judged(Authenticator& by, const base::Bytes& datagram) {
  const auto message = wire::decode(datagram);
  return by.judge(datagram, std::get<wire::Probe>(*message).proof_at);
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
  const base::Bytes datagram = sealed(a);
  for (std::size_t bit = 0; bit < datagram.size() * 8; ++bit) {
    base::Bytes changed = datagram;
    changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1U << (bit % 8)));
    const auto message = wire::decode(changed);
    const auto* probe = message ? std::get_if<wire::Probe>(&*message) : nullptr;
    if (probe == nullptr || probe->proof_at == 0) continue;
    EXPECT_FALSE(a.judge(changed, probe->proof_at).is_proven()) << "bit " << bit;
  }
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
      EXPECT_TRUE(judge.judge(datagram, at).is_proven()) << file;
      ++seen;
    }
  }
  EXPECT_EQ(seen, 2U);
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
  auto loaded = load_discovery_keys({.key_files = {first, second}});
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
    const auto loaded = load_discovery_keys({.key_files = {path}});
    ASSERT_FALSE(loaded) << content;
    EXPECT_NE(loaded.error().find("key_file '" + path + "' " + why), std::string::npos) << loaded.error();
    EXPECT_EQ(loaded.error().find("secret of enough"), std::string::npos);
    EXPECT_EQ(loaded.error().find("short secret"), std::string::npos);
  }
}

}  // namespace
}  // namespace tedd
