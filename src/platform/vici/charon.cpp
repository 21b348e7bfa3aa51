#include "platform/vici/charon.hpp"

#include <algorithm>
#include <array>
#include <sys/epoll.h>
#include <unistd.h>
#include <utility>

namespace vici {
namespace {

constexpr base::Duration kFirstBackoff = std::chrono::milliseconds(100);
constexpr base::Duration kLastBackoff = std::chrono::seconds(5);
/// Charon answers what we ask on the main connection within milliseconds; this long means that it hangs.
constexpr base::Duration kSilence = std::chrono::seconds(15);
constexpr int kPollBatch = 16;
constexpr std::array<std::string_view, 5> kEvents = {"child-updown", "ike-updown", "child-rekey", "ike-rekey",
                                                     "list-sa"};

}  // namespace

Charon::Charon(std::string socket_path, CharonHandlers handlers, Clock clock)
    : path_(std::move(socket_path)),
      handlers_(std::move(handlers)),
      clock_(std::move(clock)),
      poll_fd_(::epoll_create1(EPOLL_CLOEXEC)),
      backoff_(kFirstBackoff),
      reconnect_at_(clock_()) {}

Charon::~Charon() {
  if (poll_fd_ >= 0) ::close(poll_fd_);
}

void Charon::watch(const Connection& connection, bool fresh) const {
  if (!connection.is_open()) return;
  epoll_event event{};
  event.events = EPOLLIN;
  if (connection.wants_write()) event.events |= EPOLLOUT;
  event.data.fd = connection.fd();
  ::epoll_ctl(poll_fd_, fresh ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, connection.fd(), &event);
}

void Charon::on_readable() {
  std::array<epoll_event, kPollBatch> events{};
  const int count = ::epoll_wait(poll_fd_, events.data(), kPollBatch, 0);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    const auto serve = [&event](Connection* connection) {
      if (connection == nullptr || connection->fd() != event.data.fd) return;
      if ((event.events & EPOLLOUT) != 0) connection->on_writable();
      if ((event.events & ~static_cast<unsigned>(EPOLLOUT)) != 0) connection->on_readable();
    };
    // A connection that is closed on the way keeps its object until reap(), and its number cannot come back before.
    serve(main_.get());
    for (const auto& attempt : attempts_) serve(attempt->connection());
  }
  settle();
}

std::optional<base::Instant> Charon::next_deadline() const {
  if (!later_.empty()) return clock_();
  std::optional<base::Instant> first = reconnect_at_;
  const auto consider = [&first](base::Instant at) {
    if (!first || at < *first) first = at;
  };
  if (silence_at_) consider(*silence_at_);
  for (const auto& attempt : attempts_) consider(attempt->deadline());
  return first;
}

void Charon::on_deadline(base::Instant now) {
  for (const auto& what : std::exchange(later_, {})) what();
  if (silence_at_ && *silence_at_ <= now && main_) main_->close("charon does not answer");
  for (const auto& attempt : attempts_) {
    if (!attempt->is_finished() && attempt->deadline() <= now) {
      attempt->abandon({FailureClass::kTimeout, "charon does not answer"});
    }
  }
  if (reconnect_at_ && *reconnect_at_ <= now) connect();
  settle();
}

/// After each turn: what ended goes, what waited starts, and epoll learns what each connection waits for.
void Charon::settle() {
  reap();
  start_waiting();
  if (main_ && !main_->is_open()) main_.reset();
  if (main_ && main_->is_busy()) {
    if (!silence_at_ || answered_ != main_->answered()) silence_at_ = clock_() + kSilence;
    answered_ = main_->answered();
  } else {
    silence_at_.reset();
  }
  if (main_) watch(*main_, false);
  for (const auto& attempt : attempts_) watch(*attempt->connection(), false);
}

void Charon::connect() {
  reconnect_at_.reset();
  auto opened = Connection::open(path_);
  if (!opened) return on_closed(opened.error());
  main_ = *std::move(opened);
  watch(*main_, true);
  main_->set_event_handler([this](std::string_view event, const Message& message) { on_event(event, message); });
  main_->set_close_handler([this](const Error& reason) { on_closed(reason); });
  for (const std::string_view event : kEvents) {
    const bool last = event == kEvents.back();
    const auto asked = main_->subscribe(event, [this, last](const Result<Message>& reply) {
      if (!reply) return main_->close(reply.error().text());
      if (last) on_connected();
    });
    if (!asked) return main_->close(asked.error().text());
  }
}

void Charon::on_connected() {
  backoff_ = kFirstBackoff;
  set_ready(true, "connected to charon");
}

void Charon::on_closed(const Error& reason) {
  reconnect_at_ = clock_() + backoff_;
  backoff_ = std::min(backoff_ * 2, kLastBackoff);
  listed_.clear();
  set_ready(false, reason.text());
}

void Charon::set_ready(bool ready, std::string_view words) {
  const bool changed = ready != ready_ || !told_;
  ready_ = ready;
  told_ = true;
  if (changed && handlers_.state) handlers_.state(ready, words);
}

void Charon::on_event(std::string_view event, const Message& message) {
  const auto tell = [](const auto& handler, const auto& what) {
    if (handler) handler(what);
  };
  if (event == "list-sa") {
    listed_.push_back(message);
  } else if (event == "child-updown" && message.text("up") == "yes") {
    for (const TunnelUp& up : read_tunnels(message)) tell(handlers_.up, up);
  } else if (event == "child-updown") {
    for (const TunnelDown& down : read_downs(message)) tell(handlers_.down, down);
  } else if (event == "child-rekey") {
    for (const TunnelRekeyed& rekeyed : read_child_rekey(message)) tell(handlers_.rekeyed, rekeyed);
  } else if (event == "ike-rekey") {
    if (const auto rekeyed = read_ike_rekey(message)) tell(handlers_.ike_rekeyed, *rekeyed);
  } else if (event == "ike-updown" && message.text("up") != "yes") {
    if (const auto ike = read_ike(message)) tell(handlers_.ike_down, *ike);
  }
}

void Charon::initiate(Initiation initiation, base::Duration timeout, InitiationHandler done) {
  if (waiting_.size() >= kMaxQueuedInitiations) {
    return later([done = std::move(done)] { done(Failure{FailureClass::kOther, "too many initiations wait"}); });
  }
  waiting_.push_back({std::move(initiation), timeout, std::move(done)});
  later([] {});  // a deadline at once, where start_waiting() runs
}

void Charon::start_waiting() {
  for (std::size_t i = 0; i < waiting_.size() && attempts_.size() < kMaxInitiations;) {
    const base::Address& peer = waiting_[i].initiation.peer;
    if (std::ranges::any_of(attempts_, [&](const auto& attempt) { return attempt->peer() == peer; })) {
      ++i;
      continue;
    }
    Waiting next = std::move(waiting_[i]);
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
    start(std::move(next));
  }
}

void Charon::start(Waiting waiting) {
  auto attempt = std::make_unique<Attempt>(std::move(waiting.initiation), waiting.timeout, waiting.done);
  if (const auto started = attempt->start(path_, responder_children_, clock_()); !started) {
    return later([done = std::move(waiting.done), words = started.error().text()] {
      done(Failure{FailureClass::kOther, words});
    });
  }
  watch(*attempt->connection(), true);
  attempts_.push_back(std::move(attempt));
}

/// An attempt that ended early leaves its connection loaded: it is unloaded from here.
void Charon::reap() {
  attempts_.remove_if([this](const auto& attempt) {
    if (!attempt->is_finished()) return false;
    if (!attempt->is_unloaded() && ready_) {
      request("unload-conn", Message().add("name", connection_name(attempt->peer())), nullptr);
    }
    return true;
  });
}

void Charon::cancel_initiations(std::string_view words) {
  for (Waiting& waiting : std::exchange(waiting_, {})) {
    later([done = std::move(waiting.done), text = std::string(words)] { done(Failure{FailureClass::kOther, text}); });
  }
  later([this, text = std::string(words)] {
    for (const auto& attempt : attempts_) {
      if (!attempt->is_finished()) attempt->abandon({FailureClass::kOther, text});
    }
  });
}

}  // namespace vici
