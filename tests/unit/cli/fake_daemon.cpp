#include "unit/cli/fake_daemon.hpp"

#include <poll.h>
#include <string_view>
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

void send_all(int connection, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

}  // namespace

FakeDaemon::FakeDaemon(std::vector<std::string> answers)
    : path_(scratch() + "/tedd.sock"),
      answers_(std::move(answers)),
      listener_(listen_at(path_)),
      thread_([this] { serve(); }) {}

FakeDaemon::~FakeDaemon() {
  if (thread_.joinable()) thread_.join();
  unlink(path_.c_str());
}

const std::string& FakeDaemon::request() {
  static const std::string kNone;
  return requests().empty() ? kNone : requests_.back();
}

const std::vector<std::string>& FakeDaemon::requests() {
  if (thread_.joinable()) thread_.join();
  return requests_;
}

void FakeDaemon::serve() {
  for (const std::string& lines : answers_) {
    pollfd waiting{listener_, POLLIN, 0};
    if (poll(&waiting, 1, 5000) != 1) break;  // the client never came: the test says so
    requests_.push_back(answer(lines));
  }
  close(listener_);
}

std::string FakeDaemon::answer(const std::string& lines) {
  const int connection = accept(listener_, nullptr, nullptr);
  std::string request;
  char c = 0;
  while (read(connection, &c, 1) == 1 && c != '\n') request += c;
  // In two pieces: lines need not come whole.
  const std::size_t half = lines.size() / 2;
  // A client that has seen enough is gone.
  send_all(connection, lines.substr(0, half));
  send_all(connection, lines.substr(half));
  close(connection);
  return request;
}

}  // namespace cli_test
