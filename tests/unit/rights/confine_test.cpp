#include "platform/rights/confine.hpp"

#include <array>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <functional>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <vector>

#include "unit/rights/child.hpp"

namespace rights {
namespace {

constexpr std::size_t kMemory = std::size_t{64} << 20;
constexpr int kConfined = 7;
constexpr int kKilled = 128 + SIGSYS;

/// What becomes of a confined process that does this.
int confined(const std::function<void()>& act) {
  return outcome([&act] {
    if (!confine(kMemory)) return 1;
    act();
    return kConfined;
  });
}

TEST(Confine, WhatIsOpenIsReadAndWritten) {
  std::array<int, 2> pair{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair.data()), 0);
  EXPECT_EQ(confined([&pair] {
              std::array<char, 4> bytes{'a', 'b'};
              if (::send(pair[0], bytes.data(), 2, MSG_NOSIGNAL) != 2 || ::recv(pair[1], bytes.data(), 4, 0) != 2) {
                ::_exit(2);
              }
              const std::vector<char> memory(1 << 20, 'x');
              if (memory.back() != 'x') ::_exit(3);
            }),
            kConfined);
}

TEST(Confine, NothingElseCanBeDone) {
  const std::vector<std::pair<const char*, std::function<void()>>> deeds{
      {"open a file", [] { static_cast<void>(::open("/dev/null", O_RDONLY)); }},
      {"make a socket", [] { static_cast<void>(::socket(AF_UNIX, SOCK_STREAM, 0)); }},
      {"make another process", [] { static_cast<void>(::fork()); }},
      {"execute", [] { ::execl("/bin/true", "true", nullptr); }},
      {"look into another", [] { ::ptrace(PTRACE_ATTACH, ::getppid(), 0, 0); }},
      {"signal another", [] { ::kill(::getppid(), 0); }},
      {"get out of it", [] { ::prctl(PR_SET_DUMPABLE, 1); }},
      {"make memory that is executed",
       [] { static_cast<void>(::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)); }},
  };
  for (const auto& [name, deed] : deeds) EXPECT_EQ(confined(deed), kKilled) << name;
}

TEST(Confine, MemoryIsMadeExecutableByNoDetour) {
  EXPECT_EQ(confined([] {
              void* memory = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
              if (memory == MAP_FAILED) ::_exit(2);
              ::mprotect(memory, 4096, PROT_READ | PROT_EXEC);
            }),
            kKilled);
}

TEST(Confine, MemoryIsBounded) {
#ifdef OPENTED_SANITIZED
  GTEST_SKIP() << "sanitizers map terabytes";
#endif
  EXPECT_EQ(confined([] {
              void* memory = ::mmap(nullptr, 2 * kMemory, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
              ::_exit(memory == MAP_FAILED ? kConfined : 2);
            }),
            kConfined);
}

TEST(Confine, RootBecomesNobodyAndHoldsNothing) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  std::array<int, 2> ready{};
  std::array<int, 2> end{};
  ASSERT_EQ(::pipe(ready.data()), 0);
  ASSERT_EQ(::pipe(end.data()), 0);
  const pid_t child = ::fork();
  char byte = 0;
  if (child == 0) {
    const bool done = confine(kMemory).has_value();
    if (!done || ::write(ready[1], &byte, 1) != 1 || ::read(end[0], &byte, 1) != 1) ::_exit(1);
    ::_exit(0);
  }
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  std::ifstream lines("/proc/" + std::to_string(child) + "/status");
  const std::string status((std::istreambuf_iterator<char>(lines)), {});
  for (const char* line : {"CapInh:\t0000000000000000", "CapPrm:\t0000000000000000", "CapEff:\t0000000000000000",
                           "CapAmb:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2", "Uid:\t65534\t65534\t65534"}) {
    EXPECT_NE(status.find(line), std::string::npos) << line;
  }
  ASSERT_EQ(::write(end[1], &byte, 1), 1);
  int how = 0;
  ASSERT_EQ(::waitpid(child, &how, 0), child);
  EXPECT_EQ(how, 0);
}

}  // namespace
}  // namespace rights
