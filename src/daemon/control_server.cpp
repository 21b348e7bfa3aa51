#include "daemon/control_server.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "control/reply.hpp"
#include "control/request.hpp"

namespace tedd {

namespace {

/// Who sits at the other end; nobody when the kernel does not say.
uid_t user_of(int fd) {
  ucred peer{};
  socklen_t length = sizeof peer;
  return ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 ? peer.uid : static_cast<uid_t>(-1);
}

}  // namespace

ControlServer::ControlServer(Loop& loop, OnLine on_line, OnGone on_gone, OnTrouble on_trouble,
                             base::Duration line_within)
    : loop_(loop),
      on_line_(std::move(on_line)),
      on_gone_(std::move(on_gone)),
      on_trouble_(std::move(on_trouble)),
      line_within_(line_within),
      timer_(loop.timer([this] { end_unfinished(); })),
      rested_(loop.timer([this] { source_.want({.readable = true}); })),
      pace_timer_(loop.timer([this] { on_rested(); })) {}

ControlServer::~ControlServer() {
  close_all();
  if (listener_ >= 0) {
    ::close(listener_);
    ::unlink(path_.c_str());
  }
}

void ControlServer::accept() {
  const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) return rest(errno);
  rests_ = false;
  const uid_t user = user_of(fd);
  const bool trusted = user == 0 || user == ::geteuid();
  if (const auto fault = places_.fault(user, trusted)) return refuse(fd, *fault);
  const ClientId id{++last_id_};
  auto source = loop_.try_io(fd, [this, id](Loop::Readiness ready) { on_ready(id, ready); });
  if (!source) return refuse(fd, "nobody else can be listened to");
  Client& client = clients_[id];
  client.fd = fd;
  client.user = user;
  client.trusted = trusted;
  client.source = *std::move(source);
  client.line_due = Loop::now() + line_within_;
  places_.take(user, trusted);
  arm();
}

// Who waits is told by the kernel again and again, and would keep the loop busy. What is wrong with one client alone,
// which has gone for example, is no reason to.
void ControlServer::rest(int reason) {
  if (reason != EMFILE && reason != ENFILE && reason != ENOBUFS && reason != ENOMEM) return;
  source_.want({});
  rested_.arm(Loop::now() + kAcceptAgain);
  if (std::exchange(rests_, true)) return;
  complain("no client of the control socket can be accepted: " +
           std::string(std::strerror(reason)) +  // NOLINT(concurrency-mt-unsafe)
           "; those who wait are looked at again until one can");
}

// As a reply, so that a tool tells it like any other; who does not read it loses nothing else.
void ControlServer::refuse(int fd, const std::string& why) {
  const std::string line = control::encode(control::Reply::failure({"tedd has no room for one more client: " + why,
                                                                    "end some, such as a forgotten 'tedctl watch'"})) +
                           '\n';
  static_cast<void>(::send(fd, line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
  ::close(fd);
  complain("a client of the control socket is refused: " + why + "; " + std::to_string(++refused_) + " so far");
}

void ControlServer::complain(const std::string& what) const {
  if (on_trouble_) on_trouble_(what);
}

void ControlServer::arm() {
  std::optional<base::Instant> next;
  for (const auto& [id, client] : clients_) {
    if (client.line_due && (!next || *client.line_due < *next)) next = client.line_due;
  }
  timer_.arm(next);
}

void ControlServer::end_unfinished() {
  const base::Instant now = Loop::now();
  for (auto at = clients_.begin(); at != clients_.end();) {
    const auto& [id, client] = *at++;  // closing one leaves the others where they are
    if (!client.line_due || *client.line_due > now) continue;
    complain("a client of the control socket, of user " + std::to_string(client.user) + ", says no whole line within " +
             std::to_string(std::chrono::duration_cast<std::chrono::seconds>(line_within_).count()) +
             " s and is closed; " + std::to_string(++unfinished_) + " so far");
    close(id);
  }
  arm();
}

void ControlServer::on_ready(ClientId id, Loop::Readiness ready) {
  if (ready.writable && !on_writable(id)) return close(id);
  const auto found = clients_.find(id);
  // Who says no more is not listened to: what wakes us then is that it has gone.
  if (found != clients_.end() && ready.readable && (!found->second.says_more || !read(id))) close(id);
  if (const auto left = clients_.find(id); left != clients_.end()) want(left->second);
  arm();
}

/// False when the client is to be closed. A line that waited, for others or until answers were taken, is next.
bool ControlServer::on_writable(ClientId id) {
  const auto found = clients_.find(id);
  if (found == clients_.end()) return true;
  return flush(found->second) && !found->second.is_served() && take_line(id);
}

/// False when the client is to be closed.
bool ControlServer::read(ClientId id) {
  std::array<char, 4096> buffer{};
  Client& client = clients_.find(id)->second;
  const ssize_t length = ::read(client.fd, buffer.data(), buffer.size());
  if (length < 0) return errno == EAGAIN || errno == EINTR;
  if (length > 0) {
    client.in.append(buffer.data(), static_cast<std::size_t>(length));
    return take_line(id);
  }
  client.says_more = false;
  return !client.is_served();
}

/// False when the client is to be closed.
bool ControlServer::take_line(ClientId id) {
  const auto found = clients_.find(id);
  if (found == clients_.end()) return true;
  Client& client = found->second;
  if (!client.has_turn()) return wait_for_end(client);
  return must_wait(id, client) || hear_line(id, client);
}

/// False when the client is to be closed. It has a line.
bool ControlServer::hear_line(ClientId id, Client& client) {
  const auto end = client.in.find('\n');
  const std::string line = client.in.substr(0, end);
  client.in.erase(0, end + 1);
  ++client.owed;
  client.line_due.reset();
  const bool trusted = client.trusted;
  const base::Instant began = Loop::now();
  on_line_(id, line);
  if (!trusted) pace_.took(began, Loop::now());
  const auto left = clients_.find(id);  // a line may close its own client
  return left == clients_.end() || wait_for_end(left->second);
}

bool ControlServer::must_wait(ClientId id, Client& client) {
  client.line_due.reset();  // it has said its line
  if (client.waits || (!client.trusted && pace_.is_taken(Loop::now()))) {
    if (!std::exchange(client.waits, true)) pace_.wait(id);
    pace_timer_.arm(pace_.until());
    return true;
  }
  return false;
}

void ControlServer::on_rested() {
  if (const auto next = pace_.next()) {
    Client& client = clients_.at(*next);  // who goes waits no more
    client.waits = false;
    if (client.has_turn() && !hear_line(*next, client)) close(*next);
    if (const auto left = clients_.find(*next); left != clients_.end()) want(left->second);
  }
  if (pace_.waits()) pace_timer_.arm(pace_.until());
  arm();
}

/// False when the client is to be closed: it says more than a line has room for.
bool ControlServer::wait_for_end(Client& client) const {
  if (client.is_full() || client.has_line()) {
    client.line_due.reset();  // what waits here is not its to end
    return true;
  }
  if (!client.in.empty() && !client.line_due) client.line_due = Loop::now() + line_within_;
  return client.in.size() <= control::kMaxRequestLine;
}

bool ControlServer::is_trusted(ClientId id) const {
  const auto found = clients_.find(id);
  return found != clients_.end() && found->second.trusted;
}

void ControlServer::send(ClientId id, std::string_view line) {
  const auto found = clients_.find(id);
  if (found == clients_.end()) return;
  Client& client = found->second;
  client.out.append(line);
  client.out += '\n';
  if (client.owed > 0) --client.owed;
  if (!flush(client) || client.is_served()) return close(id);
  if (is_too_far_behind(client)) drop(id);
}

bool ControlServer::is_too_far_behind(const Client& client) const {
  if (!client.is_full()) return false;
  std::size_t in_all = 0;
  for (const auto& [id, one] : clients_) in_all += one.unread();
  return client.streaming || in_all > kMaxUnreadInAll;
}

void ControlServer::drop(ClientId id) {
  complain("a client of the control socket does not read and is closed; " + std::to_string(++dropped_) + " so far");
  close(id);
}

void ControlServer::stream_to(ClientId id) {
  if (const auto found = clients_.find(id); found != clients_.end()) found->second.streaming = true;
}

// What is gone is taken out when it is as much as what is left: a long answer in many pieces is not moved for each.
bool ControlServer::flush(Client& client) {
  while (client.unread() > 0) {
    const ssize_t sent = ::send(client.fd, client.out.data() + client.sent, client.unread(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno != EAGAIN) return false;
    if (sent < 0) break;
    client.sent += static_cast<std::size_t>(sent);
  }
  if (client.sent >= client.unread()) client.out.erase(0, std::exchange(client.sent, 0));
  want(client);
  return true;
}

void ControlServer::want(Client& client) {
  // Its socket takes something, and so it comes.
  const bool has_turn = client.has_turn() && !client.waits;
  client.source.want({.readable = client.says_more && !client.is_full() && !client.has_line(),
                      .writable = client.unread() > 0 || has_turn});
}

void ControlServer::flush_until(Client& client, base::Instant deadline) {
  while (flush(client) && client.unread() > 0) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Loop::now());
    pollfd room{client.fd, POLLOUT, 0};
    if (left.count() <= 0 || ::poll(&room, 1, static_cast<int>(left.count())) <= 0) return;
  }
}

void ControlServer::close(ClientId id) {
  const auto found = clients_.find(id);
  if (found == clients_.end()) return;
  found->second.source = {};
  ::close(found->second.fd);
  places_.leave(found->second.user, found->second.trusted);
  if (found->second.waits) pace_.leave(id);
  clients_.erase(found);
  on_gone_(id);
}

void ControlServer::close_all() {
  const base::Instant deadline = Loop::now() + kLastWords;
  for (auto& [id, client] : clients_) flush_until(client, deadline);
  while (!clients_.empty()) close(clients_.begin()->first);
}

}  // namespace tedd
