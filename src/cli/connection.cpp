#include "cli/connection.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <limits>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

#include "control/reply.hpp"

namespace cli {

namespace {

std::unexpected<ConnectionError> failure(ExitStatus status, std::string message, std::string hint = kLookAtTedd) {
  return std::unexpected(ConnectionError{status, {std::move(message), std::move(hint)}});
}

std::unexpected<ConnectionError> lost(int error) {
  return failure(ExitStatus::kNo, fmt::format("the connection to tedd broke: {}", std::strerror(error)));
}

std::unexpected<ConnectionError> not_connected(const std::string& path, int error) {
  if (error == ENOENT || error == ECONNREFUSED) {
    return failure(ExitStatus::kNotRunning, fmt::format("tedd is not running: nobody listens at {}", path),
                   "start it, or name its socket with --socket PATH (the configuration's gateway.control)");
  }
  if (error == EACCES || error == EPERM) {
    return failure(ExitStatus::kNo, fmt::format("{} may not be opened: {}", path, std::strerror(error)), "run as root");
  }
  return failure(ExitStatus::kNo, fmt::format("{} cannot be connected to: {}", path, std::strerror(error)));
}

using Clock = std::chrono::steady_clock;

/// Waits until there is something to read: 0 when the deadline came first.
int wait(int socket, std::optional<Clock::time_point> deadline) {
  pollfd waiting{socket, POLLIN, 0};
  if (!deadline) return poll(&waiting, 1, -1);
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(*deadline - Clock::now()).count();
  return poll(&waiting, 1, static_cast<int>(std::clamp<std::int64_t>(left, 0, std::numeric_limits<int>::max())));
}

bool connect_to(int socket, const sockaddr_un& address) {
  // The cast is how the interface of sockets takes an address.
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);  // NOLINT: what connect() takes
  return connect(socket, generic, sizeof address) == 0;
}

}  // namespace

base::Result<Connection, ConnectionError> Connection::open(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return failure(ExitStatus::kUsage, fmt::format("\"{}\" cannot be a socket's path", path),
                   fmt::format("give one of 1 to {} bytes", sizeof address.sun_path - 1));
  }
  path.copy(static_cast<char*>(address.sun_path), path.size());
  Connection connection(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (connection.socket_ < 0 || !connect_to(connection.socket_, address)) return not_connected(path, errno);
  return connection;
}

Connection::Connection(Connection&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      received_(std::move(other.received_)),
      searched_(std::exchange(other.searched_, 0)) {}

Connection::~Connection() {
  if (socket_ >= 0) close(socket_);
}

base::Result<void, ConnectionError> Connection::send(std::string_view line) const {
  const std::string bytes = std::string(line) + "\n";
  std::string_view rest = bytes;
  while (!rest.empty()) {
    const auto sent = ::send(socket_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EPIPE) return {};
    if (sent < 0) return lost(errno);
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

base::Result<std::optional<std::string>, ConnectionError> Connection::receive(
    std::optional<std::chrono::seconds> patience) {
  const auto deadline = Clock::now() + patience.value_or(std::chrono::seconds(0));
  while (true) {
    if (auto line = take_line()) return line;
    if (received_.size() > control::kMaxReplyLine) return failure(ExitStatus::kNo, "tedd sends a line without an end");
    const int ready = wait(socket_, patience ? std::optional(deadline) : std::nullopt);
    if (patience && ready == 0) {
      return failure(ExitStatus::kNo, fmt::format("tedd did not answer within {} s", patience->count()));
    }
    TED_TRY(const bool more, receive_some());
    if (!more && !received_.empty()) return failure(ExitStatus::kNo, "tedd closed the connection within a line");
    if (!more) return std::nullopt;
  }
}

base::Result<std::vector<std::string>, ConnectionError> Connection::receive_ready() {
  std::vector<std::string> lines;
  TED_TRY(const bool more, receive_some());
  while (auto line = take_line()) lines.push_back(*std::move(line));
  if (!more && lines.empty()) return failure(ExitStatus::kNotRunning, "tedd ended");
  if (received_.size() > control::kMaxReplyLine) return failure(ExitStatus::kNo, "tedd sends a line without an end");
  return lines;
}

std::optional<std::string> Connection::take_line() {
  const auto end = received_.find('\n', searched_);
  searched_ = received_.size();
  if (end == std::string::npos) return std::nullopt;
  std::string line = received_.substr(0, end);
  received_.erase(0, end + 1);
  searched_ = 0;
  return line;
}

base::Result<bool, ConnectionError> Connection::receive_some() {
  std::array<char, 65536> chunk{};
  const auto length = recv(socket_, chunk.data(), chunk.size(), MSG_DONTWAIT);
  if (length < 0 && (errno == EINTR || errno == EAGAIN)) return true;
  if (length < 0) return lost(errno);
  received_.append(chunk.data(), static_cast<std::size_t>(length));
  return length > 0;
}

}  // namespace cli
