#include "platform/vici/connection.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "base/secret.hpp"

namespace vici {
namespace {

/// Bytes that one on_readable() takes before others have their turn; a listing of many SAs takes several.
constexpr std::size_t kReadBudget = std::size_t{256} * 1024;

std::string system_words(int code) {
  return std::generic_category().message(code);
}

std::unexpected<Error> cannot_connect(std::string_view path, int code) {
  const bool denied = code == EACCES || code == EPERM;
  return std::unexpected(Error{denied ? ErrorCode::kNotPermitted : ErrorCode::kCannotConnect,
                               std::string(path) + ": " + system_words(code), 0});
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(std::string_view path) {
  static constexpr std::string_view kScheme = "unix://";
  if (path.starts_with(kScheme)) path.remove_prefix(kScheme.size());
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) return cannot_connect(path, ENAMETOOLONG);
  std::memcpy(address.sun_path, path.data(), path.size());
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return cannot_connect(path, errno);
  // A unix socket connects at once or not at all: with a full backlog it says EAGAIN, which is one more "later".
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    const int code = errno;
    ::close(fd);
    return cannot_connect(path, code);
  }
  return std::make_unique<Connection>(fd);
}

Connection::Connection(int fd) : fd_(fd) {
  const int flags = ::fcntl(fd_, F_GETFL);
  ::fcntl(fd_, F_SETFL, flags | O_NONBLOCK);
}

Connection::~Connection() {
  if (fd_ >= 0) ::close(fd_);
  base::wipe(out_);
}

Result<void> Connection::request(std::string_view command, const Message& message, ReplyHandler handler) {
  return enqueue({PacketType::kCommandRequest, std::string(command), message}, std::move(handler));
}

Result<void> Connection::subscribe(std::string_view event, ReplyHandler handler) {
  return enqueue({PacketType::kEventRegister, std::string(event), {}}, std::move(handler));
}

Result<void> Connection::unsubscribe(std::string_view event, ReplyHandler handler) {
  return enqueue({PacketType::kEventUnregister, std::string(event), {}}, std::move(handler));
}

Result<void> Connection::enqueue(const Packet& packet, ReplyHandler handler) {
  if (!is_open()) return std::unexpected(Error{ErrorCode::kClosed, "not connected", 0});
  if (queue_.size() > kMaxQueuedRequests) return std::unexpected(Error{ErrorCode::kQueueFull, packet.name, 0});
  TED_TRY(base::Bytes frame, encode_packet(packet));
  queue_.push_back({packet.type, std::move(handler)});
  append(frame);
  base::wipe(frame);
  flush();
  return {};
}

// What it holds may be a secret: neither moving nor sending leaves it behind.
void Connection::append(base::ByteView frame) {
  base::Bytes longer;
  longer.reserve(out_.size() - sent_ + frame.size());
  longer.assign(out_.begin() + static_cast<std::ptrdiff_t>(std::exchange(sent_, 0)), out_.end());
  longer.insert(longer.end(), frame.begin(), frame.end());
  base::wipe(out_);
  out_ = std::move(longer);
}

void Connection::flush() {
  while (is_open() && wants_write()) {
    const ssize_t count = ::send(fd_, out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL);
    if (count > 0) {
      sent_ += static_cast<std::size_t>(count);
    } else if (count < 0 && errno == EINTR) {
      continue;
    } else {
      // A broken socket is readable as well: on_readable() meets the end and tells everybody, so that no handler runs
      // inside request().
      if (count == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) sent_ = out_.size();
      break;
    }
  }
  if (wants_write()) return;
  base::wipe(out_);
  sent_ = 0;
}

void Connection::on_writable() {
  flush();
}

void Connection::on_readable() {
  std::array<std::uint8_t, 16384> chunk{};
  for (std::size_t taken = 0; is_open() && taken < kReadBudget;) {
    const ssize_t count = ::recv(fd_, chunk.data(), chunk.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (count < 0) return fail({ErrorCode::kClosed, system_words(errno), 0});
    if (count == 0) return fail({ErrorCode::kClosed, "charon closed the connection", 0});
    const auto size = static_cast<std::size_t>(count);
    taken += size;
    in_.push({chunk.data(), size});
    while (is_open()) {
      auto packet = in_.next();
      if (!packet) return fail(packet.error());
      if (!*packet) break;
      on_packet(**packet);
    }
    if (size < chunk.size())
      return;  // nothing is left; whoever waits on the descriptor is told of more, and of the end
  }
}

void Connection::on_packet(base::ByteView bytes) {
  if (!bytes.empty() && bytes[0] == static_cast<std::uint8_t>(PacketType::kEvent)) return on_event(bytes);
  on_reply(bytes);
}

void Connection::on_event(base::ByteView bytes) {
  const auto packet = decode_packet(bytes);
  if (!packet) {
    ++bad_events_;
  } else if (on_event_) {
    on_event_(packet->name, packet->message);
  }
}

void Connection::on_reply(base::ByteView bytes) {
  if (queue_.empty()) return fail({ErrorCode::kUnexpectedPacket, "a reply that nothing asked for", 0});
  auto packet = decode_packet(bytes);
  Result<Message> reply = Message{};
  if (!packet) {
    reply = std::unexpected(packet.error());
  } else {
    const bool command = queue_.front().type == PacketType::kCommandRequest;
    const PacketType good = command ? PacketType::kCommandResponse : PacketType::kEventConfirm;
    const PacketType unknown = command ? PacketType::kCommandUnknown : PacketType::kEventUnknown;
    if (packet->type == good) {
      reply = std::move(packet->message);
    } else if (packet->type == unknown) {
      reply = std::unexpected(Error{ErrorCode::kUnknownCommand, "charon does not know it", 0});
    } else {
      return fail({ErrorCode::kUnexpectedPacket, "a reply of another kind than asked for", 0});
    }
  }
  const Pending done = std::move(queue_.front());
  queue_.pop_front();
  ++answered_;
  if (done.handler) done.handler(std::move(reply));
}

void Connection::close(std::string_view words) {
  fail({ErrorCode::kClosed, std::string(words), 0});
}

void Connection::fail(const Error& reason) {
  if (!is_open()) return;
  ::close(std::exchange(fd_, -1));
  base::wipe(out_);
  sent_ = 0;
  const Error told{ErrorCode::kClosed, reason.code == ErrorCode::kClosed ? reason.words : reason.text(), 0};
  const auto lost = std::exchange(queue_, {});
  for (const Pending& pending : lost) {
    if (pending.handler) pending.handler(std::unexpected(told));
  }
  if (on_close_) on_close_(told);
}

bool succeeded(const Message& response) {
  return response.text("success") != "no";
}

Result<void> outcome(const Result<Message>& reply) {
  if (!reply) return std::unexpected(reply.error());
  if (!succeeded(*reply)) return std::unexpected(Error{ErrorCode::kRefused, std::string(reply->text("errmsg")), 0});
  return {};
}

}  // namespace vici
