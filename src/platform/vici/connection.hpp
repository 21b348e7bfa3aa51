// One vici connection to charon: a non-blocking unix socket, driven by whoever owns an event loop.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "platform/vici/packet.hpp"

namespace vici {

/// Requests that may wait for their answers. Charon works on those of one connection strictly in order, one at a time
/// (process_queue() in its vici_socket.c), so they are all sent at once: waiting for an answer before the next one is
/// sent costs charon and us a wake-up each (0.1 to 0.4 ms).
inline constexpr std::size_t kMaxQueuedRequests = 256;

/// Not copyable, not movable: callbacks hold on to its address. A callback may request(), subscribe() and close(), but
/// must not destroy the connection that called it. Destroying it drops what is outstanding without a call; close()
/// first when somebody has to be told.
class Connection {
 public:
  /// The answer to a request, or why there is none. Called exactly once, never from inside request().
  using ReplyHandler = std::function<void(Result<Message>)>;
  using EventHandler = std::function<void(std::string_view event, const Message& message)>;
  using CloseHandler = std::function<void(const Error& reason)>;

  /// `path` is `unix:///run/charon.vici` or a plain path. Error: kCannotConnect, or kNotPermitted where the right
  /// to it is missing, with the system's words; try again later.
  [[nodiscard]] static Result<std::unique_ptr<Connection>> open(std::string_view path);
  /// Takes over a connected stream socket and makes it non-blocking.
  explicit Connection(int fd);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void set_event_handler(EventHandler handler) { on_event_ = std::move(handler); }
  /// Called once, after every outstanding request got its error.
  void set_close_handler(CloseHandler handler) { on_close_ = std::move(handler); }

  /// To wait on; -1 when closed.
  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }
  [[nodiscard]] bool wants_write() const { return sent_ < out_.size(); }
  /// Something was asked and is not answered.
  [[nodiscard]] bool is_busy() const { return !queue_.empty(); }
  [[nodiscard]] std::size_t pending() const { return queue_.size(); }
  /// Requests that were answered so far: a busy connection whose number stands still hangs.
  [[nodiscard]] std::uint64_t answered() const { return answered_; }
  /// Events that were dropped because they did not decode.
  [[nodiscard]] std::uint64_t bad_events() const { return bad_events_; }

  /// Call when fd() is readable (or hung up), and when it is writable while wants_write(). One call does a bounded
  /// piece of work and leaves the rest for the next.
  void on_readable();
  void on_writable();

  /// Sends the command; charon works on it when those before it are done. Errors, after which the handler is not
  /// called: kClosed, kQueueFull, kTooLong. The handler gets the response as charon wrote it (a `success = no` is a
  /// response too), kUnknownCommand, kClosed, or an error of decoding.
  [[nodiscard]] Result<void> request(std::string_view command, const Message& message, ReplyHandler handler);
  /// Registers for an event; the handler's message is empty. Errors as for request().
  [[nodiscard]] Result<void> subscribe(std::string_view event, ReplyHandler handler);
  /// The event comes no more.
  [[nodiscard]] Result<void> unsubscribe(std::string_view event, ReplyHandler handler);

  /// Ends the connection: every outstanding handler gets kClosed with these words.
  void close(std::string_view words);

 private:
  struct Pending {
    PacketType type;
    ReplyHandler handler;
  };

  Result<void> enqueue(const Packet& packet, ReplyHandler handler);
  void append(base::ByteView frame);
  void flush();
  void on_packet(base::ByteView bytes);
  void on_event(base::ByteView bytes);
  void on_reply(base::ByteView bytes);
  void fail(const Error& reason);

  int fd_ = -1;
  std::deque<Pending> queue_;  // sent or about to be, in the order in which charon answers
  base::Bytes out_;
  std::size_t sent_ = 0;
  Deframer in_;
  EventHandler on_event_;
  CloseHandler on_close_;
  std::uint64_t answered_ = 0;
  std::uint64_t bad_events_ = 0;
};

/// True for a response that says `success = yes`, or that has nothing to say about success.
[[nodiscard]] bool succeeded(const Message& response);
/// A response as nothing, or as kRefused with charon's words; an error stays.
[[nodiscard]] Result<void> outcome(const Result<Message>& reply);

}  // namespace vici
