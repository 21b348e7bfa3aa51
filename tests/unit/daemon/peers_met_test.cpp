#include "daemon/peers_met.hpp"

#include <csignal>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <sys/resource.h>

#include "support/folder.hpp"

namespace tedd {
namespace {

const base::Address kOurs = base::Address::v4(0xc0000201);
const base::Address kTheirs = base::Address::v4(0xc0000202);
const base::Address kOther = *base::Address::parse("2001:db8::2");

class PeersMetInAFolder : public testing::Test {
 protected:
  [[nodiscard]] std::string content() const { return of_test_.content("kernel-peers"); }
  void put(const std::string& text) const { std::ofstream(folder_ + "/kernel-peers") << text; }

  const support::Folder of_test_;
  const std::string& folder_ = of_test_.path();
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

// Cut short, it looks like the line of another gateway.
TEST_F(PeersMetInAFolder, NobodyIsMadeOfALineThatWasCutShort) {
  for (const std::string part : {"192.0.2.1 192.0.2.2", "192.0.2.1 ", "192.0.2.1", "192.0"}) {
    put(part);
    EXPECT_TRUE(PeersMet(folder_).add(kOurs, kOther));
    const PeersMet next(folder_);
    EXPECT_FALSE(next.has(kOurs, kTheirs)) << content();
    EXPECT_TRUE(next.has(kOurs, kOther)) << content();
  }
}

/// A file takes so many bytes and no more, as on a full disk, while this stands.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    before_signal_ = ::signal(SIGXFSZ, SIG_IGN);
    const rlimit little{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &little);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, before_signal_);
  }

 private:
  rlimit before_{};
  void (*before_signal_)(int) = nullptr;
};

TEST_F(PeersMetInAFolder, ALineThatTheDiskTookAPartOfSpoilsNoOther) {
  PeersMet met(folder_);
  {
    const FullDisk full(19);
    EXPECT_FALSE(met.add(kOurs, base::Address::v4(0xc0000216)));
  }
  EXPECT_EQ(content(), "192.0.2.1 192.0.2.2") << "of 192.0.2.22";
  EXPECT_TRUE(met.add(kOurs, kOther));
  const PeersMet next(folder_);
  EXPECT_TRUE(next.has(kOurs, kOther));
  EXPECT_FALSE(next.has(kOurs, kTheirs));
}

TEST_F(PeersMetInAFolder, NoMoreThanItHasRoomForAreKept) {
  PeersMet met("");
  for (std::uint32_t i = 0; i < PeersMet::kMax; ++i) EXPECT_TRUE(met.add(kOurs, base::Address::v4(i)));
  EXPECT_TRUE(met.add(kOurs, base::Address::v4(0))) << "is known";
  const auto beyond = met.add(kOurs, base::Address::v4(PeersMet::kMax));
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error(), "no room to keep that 0.1.0.0 was met: 65536 were");
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
