#include "platform/rights/capabilities.hpp"

#include <cerrno>
#include <sys/socket.h>
#include <thread>

#include "unit/rights/child.hpp"

namespace rights {
namespace {

constexpr const char* kNothing = "0000000000000000";

bool takes_raw_socket() {
  const int socket = ::socket(AF_INET, SOCK_RAW, 255);
  if (socket >= 0) ::close(socket);
  return socket >= 0;
}

/// Another user with all that tedd may have, as systemd starts it.
bool become_user() {
  return ::setresgid(65534, 65534, 65534) == 0;
}

#define SKIP_WITHOUT_RIGHTS() \
  if (::geteuid() != 0 || !takes_raw_socket()) GTEST_SKIP() << "needs root with CAP_NET_RAW"

TEST(Capabilities, AreInEffectOnlyWhereTheyAreRaised) {
  SKIP_WITHOUT_RIGHTS();
  EXPECT_EQ(outcome([] {
              if (!lower() || takes_raw_socket()) return 1;
              {
                const Raised raised({Capability::kNetRaw});
                if (!takes_raw_socket()) return 2;
              }
              return takes_raw_socket() ? 3 : 0;
            }),
            0);
}

TEST(Capabilities, OneThatIsRaisedInsideAnotherLeavesThatOneBehind) {
  SKIP_WITHOUT_RIGHTS();
  EXPECT_EQ(outcome([] {
              lower();
              const Raised outer({Capability::kNetRaw});
              {
                const Raised inner({Capability::kNetRaw, Capability::kNetAdmin});
              }
              return takes_raw_socket() ? 0 : 1;
            }),
            0);
}

TEST(Capabilities, OthersAreGivenUpForGood) {
  SKIP_WITHOUT_RIGHTS();
  EXPECT_EQ(outcome([] {
              lower();
              // CAP_SYS_ADMIN is 21: not even held.
              return (std::stoull(status_line("CapPrm"), nullptr, 16) & 1ULL << 21U) == 0 ? 0 : 1;
            }),
            0);
}

TEST(Capabilities, AThreadThatIsMadeLaterHasNoneInEffect) {
  SKIP_WITHOUT_RIGHTS();
  EXPECT_EQ(outcome([] {
              lower();
              bool took = true;
              std::thread([&took] { took = takes_raw_socket(); }).join();
              return took ? 1 : 0;
            }),
            0);
}

TEST(Capabilities, WhoHoldsNoneGetsNoneAndErrnoStays) {
  EXPECT_EQ(outcome([] {
              if (::geteuid() == 0 && (!become_user() || ::setresuid(65534, 65534, 65534) != 0)) return 1;
              errno = EBADF;
              {
                const Raised raised({Capability::kNetRaw});
              }
              return errno == EBADF && status_line("CapEff") == kNothing && !takes_raw_socket() ? 0 : 2;
            }),
            0);
}

}  // namespace
}  // namespace rights
