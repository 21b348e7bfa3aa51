#include "unit/cli/fake_daemon.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

#include "unit/cli/run.hpp"

namespace cli_test {

namespace {

int listen_at(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
  unlink(path.c_str());
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) std::abort();
  if (listen(listener, 1) != 0) std::abort();
  return listener;
}

}  // namespace

FakeDaemon::FakeDaemon(std::string lines)
    : path_(scratch() + "/tedd.sock"),
      lines_(std::move(lines)),
      listener_(listen_at(path_)),
      thread_([this] { serve(); }) {}

FakeDaemon::~FakeDaemon() {
  if (thread_.joinable()) thread_.join();
  close(listener_);
  unlink(path_.c_str());
}

const std::string& FakeDaemon::request() {
  if (thread_.joinable()) thread_.join();
  return request_;
}

void FakeDaemon::serve() {
  pollfd waiting{listener_, POLLIN, 0};
  if (poll(&waiting, 1, 5000) != 1) return;  // the client never came: the test says so
  const int connection = accept(listener_, nullptr, nullptr);
  char c = 0;
  while (read(connection, &c, 1) == 1 && c != '\n') request_ += c;
  // In two pieces: lines need not come whole.
  const std::size_t half = lines_.size() / 2;
  (void)!write(connection, lines_.data(), half);
  (void)!write(connection, lines_.data() + half, lines_.size() - half);
  close(connection);
}

}  // namespace cli_test
