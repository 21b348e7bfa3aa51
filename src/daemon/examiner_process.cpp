#include "daemon/examiner_process.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <string_view>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include "daemon/examiner_child.hpp"
#include "platform/pki/examination.hpp"
#include "platform/rights/capabilities.hpp"

namespace tedd {

namespace {

/// Above what the child has open: each of its own is put in its place from there.
constexpr int kAside = 16;

/// Closes what it holds.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

std::string reason(std::string_view what, int error = errno) {
  return std::string(what) + ": " + std::strerror(error);  // NOLINT(concurrency-mt-unsafe)
}

/// The bytes as a file of no name; below zero with errno.
int file_of(base::ByteView bytes) {
  Descriptor file(::memfd_create("opented-trust", MFD_CLOEXEC));
  while (file.number() >= 0 && !bytes.empty()) {
    const ssize_t count = ::write(file.number(), bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) return -1;
    bytes = bytes.subspan(count > 0 ? static_cast<std::size_t>(count) : 0);
  }
  return file.release();
}

class SpawnActions {
 public:
  SpawnActions() {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    sigset_t none{};
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK);
  }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;
  ~SpawnActions() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  void open_nothing_as(int number) { ::posix_spawn_file_actions_addopen(&actions_, number, "/dev/null", O_RDWR, 0); }
  void give(int ours, int theirs) { ::posix_spawn_file_actions_adddup2(&actions_, ours, theirs); }
  [[nodiscard]] int spawn(pid_t& pid, const std::string& program) const {
    std::string name = "tedd";
    std::string option = kExaminerOption;
    const std::array<char*, 3> arguments{name.data(), option.data(), nullptr};
    return ::posix_spawn(&pid, program.c_str(), &actions_, &attributes_, arguments.data(), environ);
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace

base::Result<ExaminerProcess, std::string> ExaminerProcess::start(const std::string& program, base::ByteView trust) {
  std::array<int, 2> pair{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()) != 0) {
    return std::unexpected(reason("no socket for the process that examines certificates"));
  }
  Descriptor ours(pair[0]);
  const Descriptor given(pair[1]);
  const Descriptor theirs(::fcntl(given.number(), F_DUPFD_CLOEXEC, kAside));
  const Descriptor file(file_of(trust));
  const Descriptor trusted(file.number() < 0 ? -1 : ::fcntl(file.number(), F_DUPFD_CLOEXEC, kAside));
  if (theirs.number() < 0 || trusted.number() < 0) {
    return std::unexpected(reason("nothing can be given to the process that examines certificates"));
  }
  SpawnActions actions;
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) actions.open_nothing_as(number);
  actions.give(theirs.number(), kExaminerSocket);
  actions.give(trusted.number(), kExaminerTrust);
  pid_t pid = -1;
  if (const int error = actions.spawn(pid, program); error != 0) {
    return std::unexpected(reason("the process that examines certificates cannot be started", error));
  }
  return ExaminerProcess(pid, ours.release());
}

ExaminerProcess::ExaminerProcess(ExaminerProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), socket_(std::exchange(other.socket_, -1)) {}

ExaminerProcess& ExaminerProcess::operator=(ExaminerProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(socket_, other.socket_);
  return *this;
}

ExaminerProcess::~ExaminerProcess() {
  if (socket_ >= 0) ::close(socket_);
  static_cast<void>(end());
}

// What is killed has ended in a moment; what cannot be killed is not waited for, and ends by itself when it looks for
// its next request. Killed by us and by others look alike.
std::string ExaminerProcess::end() {
  if (pid_ < 0) return "it was not there";
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  const rights::Raised raised({rights::Capability::kKill});  // root's examiner is another user
  const bool killed = ::kill(pid_, SIGKILL) == 0;
  int status = 0;
  pid_t ended = -1;
  do {
    ended = ::waitpid(pid_, &status, killed ? 0 : WNOHANG);
  } while (ended < 0 && errno == EINTR);
  pid_ = -1;
  if (ended <= 0) return "it cannot be killed";
  if (!WIFSIGNALED(status)) return "exit status " + std::to_string(WEXITSTATUS(status));
  const int signal = WTERMSIG(status);
  return "signal " + std::to_string(signal) + (signal == SIGSYS ? ", a system call that it may not make" : "");
}

// Empty: nothing came in time.
base::Result<base::Bytes, std::string> ExaminerProcess::hear(base::Duration at_most) {
  pollfd watched{.fd = socket_, .events = POLLIN, .revents = 0};
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(at_most).count();
  const int found = ::poll(&watched, 1, left > 0 ? static_cast<int>(left) : 0);
  if (found == 0 || (found < 0 && errno == EINTR)) return base::Bytes();
  base::Bytes answer(pki::kMaxExamination);
  const ssize_t length = ::recv(socket_, answer.data(), answer.size(), MSG_DONTWAIT);
  if (length <= 0) return std::unexpected("it has ended");
  answer.resize(static_cast<std::size_t>(length));
  return answer;
}

base::Result<bool, std::string> ExaminerProcess::become_ready(base::Duration at_most) {
  TED_TRY(const base::Bytes said, hear(at_most));
  if (said.empty()) return false;
  const auto start = pki::read_start(said);
  return start ? base::Result<bool, std::string>(true) : std::unexpected(start.error());
}

base::Result<base::Bytes, std::string> ExaminerProcess::ask(base::ByteView request, base::Duration at_most) {
  if (::send(socket_, request.data(), request.size(), MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
    return std::unexpected(reason("it takes no request"));
  }
  TED_TRY(base::Bytes answer, hear(at_most));
  if (answer.empty()) return std::unexpected("it gave no answer in time");
  if (!pki::is_answer(answer, request)) return std::unexpected("it answers something that it was not asked");
  return answer;
}

}  // namespace tedd
