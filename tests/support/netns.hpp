// Network namespaces for tests of real packets. A test enters a namespace of its own, so nothing that it does reaches
// the machine's network; what it made goes away with its last file descriptor.
#pragma once

#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

extern char** environ;

namespace support {

/// Runs a program in the calling thread's network namespace and waits for it; true when it exits with 0.
inline bool run(std::vector<std::string> words) {
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = 0;
  if (posix_spawnp(&child, arguments[0], nullptr, nullptr, arguments.data(), environ) != 0) return false;
  int status = 0;
  return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// `ip` with these words, separated by single spaces.
inline bool ip(const std::string& words) {
  std::vector<std::string> arguments{"ip"};
  for (std::size_t at = 0; at <= words.size();) {
    const auto end = std::min(words.find(' ', at), words.size());
    arguments.push_back(words.substr(at, end - at));
    at = end + 1;
  }
  return run(std::move(arguments));
}

/// A network namespace without a name, held by a file descriptor.
class Namespace {
 public:
  /// False where the test has no right to make one: skip then, and say so.
  [[nodiscard]] bool valid() const { return fd_ >= 0; }

  /// Makes one and comes back to where the thread was.
  static Namespace make() {
    const int before = ::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    Namespace made;
    if (unshare(CLONE_NEWNET) == 0) {
      made.fd_ = ::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
      if (setns(before, CLONE_NEWNET) != 0) std::abort();
    }
    ::close(before);
    return made;
  }

  Namespace(Namespace&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Namespace& operator=(Namespace&&) = delete;
  ~Namespace() {
    if (fd_ >= 0) ::close(fd_);
  }

  [[nodiscard]] int fd() const { return fd_; }
  /// For `ip link … netns`.
  [[nodiscard]] std::string path() const { return "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(fd_); }

 private:
  Namespace() = default;
  int fd_ = -1;
};

/// The calling thread is in `there` while this lives.
class Inside {
 public:
  explicit Inside(const Namespace& there) : before_(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)) {
    if (setns(there.fd(), CLONE_NEWNET) != 0) std::abort();
  }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
  ~Inside() {
    if (setns(before_, CLONE_NEWNET) != 0) std::abort();
    ::close(before_);
  }

 private:
  int before_;
};

}  // namespace support
