#include "platform/rights/confine.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <grp.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <vector>

#include "platform/rights/sets.hpp"

namespace rights {

namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kMachine = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kMachine = AUDIT_ARCH_AARCH64;
#elif defined(__riscv) && __riscv_xlen == 64
constexpr std::uint32_t kMachine = AUDIT_ARCH_RISCV64;
#else
#error "platform/rights/confine.cpp needs the AUDIT_ARCH_ of this machine (linux/audit.h)"
#endif

constexpr uid_t kNobody = 65534;

constexpr std::array kAllowed{
    SYS_read,        SYS_write,           SYS_pread64, SYS_recvfrom,       SYS_sendto,
    SYS_recvmsg,     SYS_sendmsg,         SYS_close,   SYS_munmap,         SYS_mremap,
    SYS_brk,         SYS_madvise,         SYS_futex,   SYS_clock_gettime,  SYS_gettimeofday,
    SYS_getrandom,   SYS_getpid,          SYS_gettid,  SYS_rt_sigprocmask, SYS_rt_sigreturn,
    SYS_sched_yield, SYS_restart_syscall, SYS_exit,    SYS_exit_group,     SYS_clock_nanosleep,
#ifdef OPENTED_SANITIZED
    SYS_sigaltstack,  // asked for where a function does not return
    SYS_pipe2,        // how the undefined-behaviour sanitizer finds out whether memory is there
#endif
};
/// Allowed for memory that is not executed; their third argument says it.
constexpr std::array<int, 2> kMapping{SYS_mmap, SYS_mprotect};

using Filter = std::vector<sock_filter>;

sock_filter statement(unsigned code, std::uint32_t value) {
  return {static_cast<std::uint16_t>(code), 0, 0, value};
}
/// Skips so many instructions where the comparison holds, and where it does not.
sock_filter when(unsigned comparison, std::uint32_t value, std::uint8_t if_so, std::uint8_t if_not) {
  return {static_cast<std::uint16_t>(BPF_JMP | comparison | BPF_K), if_so, if_not, value};
}
sock_filter load(std::size_t offset) {
  return statement(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
}
sock_filter verdict(std::uint32_t what) {
  return statement(BPF_RET | BPF_K, what);
}

// The third argument's half that has the low bits, where PROT_EXEC is: every machine above is little-endian.
constexpr std::size_t kThirdArgument = offsetof(seccomp_data, args) + 2 * sizeof(std::uint64_t);

// A number of the x32 interface has bit 30, and is none of those allowed.
Filter filter() {
  Filter filter{load(offsetof(seccomp_data, arch)), when(BPF_JEQ, kMachine, 1, 0), verdict(SECCOMP_RET_KILL_PROCESS),
                load(offsetof(seccomp_data, nr))};
  for (const int number : kMapping) {
    filter.push_back(when(BPF_JEQ, static_cast<std::uint32_t>(number), 0, 4));
    filter.push_back(load(kThirdArgument));
    filter.push_back(when(BPF_JSET, PROT_EXEC, 0, 1));
    filter.push_back(verdict(SECCOMP_RET_KILL_PROCESS));
    filter.push_back(verdict(SECCOMP_RET_ALLOW));
  }
  for (const int number : kAllowed) {
    filter.push_back(when(BPF_JEQ, static_cast<std::uint32_t>(number), 0, 1));
    filter.push_back(verdict(SECCOMP_RET_ALLOW));
  }
  filter.push_back(verdict(SECCOMP_RET_KILL_PROCESS));
  return filter;
}

std::unexpected<std::string> failure(const char* what) {
  return std::unexpected(std::string(what) + ": " + std::strerror(errno));  // NOLINT(concurrency-mt-unsafe)
}

bool limit(decltype(RLIMIT_CORE) what, rlim_t most) {
  const rlimit both{most, most};
  return ::setrlimit(what, &both) == 0;
}

// Where root may not change users, as in some containers, the rest has to do.
void become_nobody() {
  if (::geteuid() != 0) return;
  static_cast<void>(::setgroups(0, nullptr) == 0 && ::setresgid(kNobody, kNobody, kNobody) == 0 &&
                    ::setresuid(kNobody, kNobody, kNobody) == 0);
}

}  // namespace

base::Result<void, std::string> confine(std::size_t memory) {
  become_nobody();
  // Behind the change of users, which undoes both.
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return failure("it does not go with its maker");
  if (::prctl(PR_SET_DUMPABLE, 0) != 0) return failure("others may look into it");
  bool limited = limit(RLIMIT_CORE, 0) && limit(RLIMIT_FSIZE, 0) && limit(RLIMIT_NPROC, 0);
#ifndef OPENTED_SANITIZED  // sanitizers map terabytes, and open pipes
  limited = limited && limit(RLIMIT_DATA, memory) && limit(RLIMIT_NOFILE, 0);
#else
  static_cast<void>(memory);
#endif
  if (!limited) return failure("its resources are not limited");
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failure("it could get new privileges");
  if (!set({})) return failure("its capabilities stay");
  Filter instructions = filter();
  const sock_fprog program{static_cast<unsigned short>(instructions.size()), instructions.data()};
  if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    return failure("this kernel takes no filter of system calls (CONFIG_SECCOMP_FILTER)");
  }
  return {};
}

}  // namespace rights
