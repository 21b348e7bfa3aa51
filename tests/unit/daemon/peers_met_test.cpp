#include "daemon/peers_met.hpp"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <stdlib.h>

namespace tedd {
namespace {

const base::Address kOurs = base::Address::v4(0xc0000201);
const base::Address kTheirs = base::Address::v4(0xc0000202);
const base::Address kOther = *base::Address::parse("2001:db8::2");

class PeersMetInAFolder : public testing::Test {
 protected:
  PeersMetInAFolder() {
    std::string name = testing::TempDir() + "peers-met-XXXXXX";
    folder_ = ::mkdtemp(name.data());
  }
  ~PeersMetInAFolder() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string content() const {
    std::ifstream stream(folder_ + "/kernel-peers");
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  void put(const std::string& text) const { std::ofstream(folder_ + "/kernel-peers") << text; }

  std::string folder_;
};

TEST_F(PeersMetInAFolder, TheNextLifeKnowsThem) {
  PeersMet met(folder_);
  EXPECT_FALSE(met.has(kOurs, kTheirs));
  EXPECT_TRUE(met.add(kOurs, kTheirs));
  EXPECT_TRUE(met.add(kOurs, kTheirs));
  EXPECT_TRUE(met.add(kOurs, kOther));
  EXPECT_EQ(content(), "192.0.2.1 192.0.2.2\n192.0.2.1 2001:db8::2\n");
  const PeersMet next(folder_);
  EXPECT_TRUE(next.has(kOurs, kTheirs) && next.has(kOurs, kOther));
  EXPECT_FALSE(next.has(kTheirs, kOurs));
}

TEST_F(PeersMetInAFolder, WhatIsClearedIsKnownToNobody) {
  PeersMet met(folder_);
  EXPECT_TRUE(met.add(kOurs, kTheirs));
  EXPECT_TRUE(met.clear());
  EXPECT_FALSE(met.has(kOurs, kTheirs));
  EXPECT_EQ(content(), "");
  EXPECT_TRUE(met.add(kOurs, kTheirs)) << "a tunnel stands again";
  EXPECT_EQ(content(), "192.0.2.1 192.0.2.2\n");
}

TEST_F(PeersMetInAFolder, ALineThatIsNoneIsPassedOver) {
  put("nonsense\n192.0.2.1\n192.0.2.1 192.0.2.300\n192.0.2.1 192.0.2.3 more\n192.0.2.1 192.0.2.2\n192.0.2.1 "
      "2001:db8::2");
  const PeersMet met(folder_);
  EXPECT_TRUE(met.has(kOurs, kTheirs));
  EXPECT_FALSE(met.has(kOurs, base::Address::v4(0xc0000203)));
  EXPECT_FALSE(met.has(kOurs, kOther)) << "cut short, perhaps in the middle of its address";
}

TEST_F(PeersMetInAFolder, ALineBehindOneThatWasCutShortIsWhole) {
  put("192.0.2.1 192.0");
  PeersMet met(folder_);
  EXPECT_TRUE(met.add(kOurs, kTheirs));
  EXPECT_TRUE(PeersMet(folder_).has(kOurs, kTheirs));
}

TEST_F(PeersMetInAFolder, NoMoreThanItHasRoomForAreKept) {
  PeersMet met("");
  for (std::uint32_t i = 0; i <= PeersMet::kMax; ++i) EXPECT_TRUE(met.add(kOurs, base::Address::v4(i)));
  EXPECT_TRUE(met.has(kOurs, base::Address::v4(PeersMet::kMax - 1)));
  EXPECT_FALSE(met.has(kOurs, base::Address::v4(PeersMet::kMax)));
}

TEST(PeersMet, AFolderThatIsNotThereIsToldByItsPath) {
  PeersMet met("/nonexistent");
  const auto done = met.add(kOurs, kTheirs);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error(), "/nonexistent/kernel-peers cannot be written: No such file or directory");
  EXPECT_TRUE(met.has(kOurs, kTheirs)) << "this process knows it all the same";
}

}  // namespace
}  // namespace tedd
