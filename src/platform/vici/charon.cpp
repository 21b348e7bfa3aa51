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
constexpr std::array<std::string_view, 6> kEvents = {"child-updown", "ike-updown", "child-rekey",
                                                     "ike-rekey",    "list-cert",  "list-sa"};

}  // namespace

Charon::Charon(std::string socket_path, CharonHandlers handlers, Clock clock)
    : path_(std::move(socket_path)),
      handlers_(std::move(handlers)),
      clock_(std::move(clock)),
      poll_fd_(::epoll_create1(EPOLL_CLOEXEC)),
      backoff_(kFirstBackoff),
      last_backoff_(kFirstBackoff),
      reconnect_at_(clock_()) {}

Charon::~Charon() {
  if (poll_fd_ >= 0) ::close(poll_fd_);
}

void Charon::on_readable() {
  epoll_event event{};
  const int count = ::epoll_wait(poll_fd_, &event, 1, 0);
  if (count == 1 && main_) {
    if ((event.events & EPOLLOUT) != 0) main_->on_writable();
    if ((event.events & ~static_cast<unsigned>(EPOLLOUT)) != 0) main_->on_readable();
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
  if (const auto at = endings_.next_deadline(); at && ready_ && has_room()) consider(*at);
  for (const auto& attempt : attempts_) {
    if (!attempt->is_told()) consider(attempt->deadline());
    if (const auto at = attempt->look_at(); at && ready_ && has_room()) consider(*at);
  }
  return first;
}

void Charon::on_deadline(base::Instant now) {
  for (const auto& what : std::exchange(later_, {})) what();
  if (silence_at_ && *silence_at_ <= now && main_) main_->close("charon does not answer");
  expire_attempts(now);
  look_at_attempts(now);
  if (reconnect_at_ && *reconnect_at_ <= now) connect();
  settle();
}

/// After each turn: what waited starts.
void Charon::settle() {
  start_waiting();
  read_again();
  ask_ends();  // what has to go waits for no others to be judged
  ask_certificates();
  if (main_ && !main_->is_open()) main_.reset();
  expect();
}

/// After whatever was asked: epoll learns what the connection waits for, and charon's silence is timed.
void Charon::expect() {
  if (!main_ || !main_->is_open() || !main_->is_busy()) {
    silence_at_.reset();
  } else if (!silence_at_ || answered_ != main_->answered()) {
    silence_at_ = clock_() + kSilence;
    answered_ = main_->answered();
  }
  if (!main_ || !main_->is_open()) return;
  const std::uint32_t wanted = main_->wants_write() ? EPOLLIN | EPOLLOUT : EPOLLIN;
  if (wanted == watched_) return;
  epoll_event event{};
  event.events = wanted;
  event.data.fd = main_->fd();
  ::epoll_ctl(poll_fd_, watched_ == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, main_->fd(), &event);
  watched_ = wanted;
}

void Charon::connect() {
  reconnect_at_.reset();
  auto opened = Connection::open(path_);
  if (!opened) return on_closed(opened.error());
  main_ = *std::move(opened);
  watched_ = 0;
  hears_log_ = false;
  main_->set_event_handler([this](std::string_view event, const Message& message) { on_event(event, message); });
  main_->set_close_handler([this](const Error& reason) { on_closed(reason); });
  for (const std::string_view event : kEvents) {
    if (event == "ike-updown" && !handlers_.ike_down) continue;
    const bool last = event == kEvents.back();
    const auto asked = main_->subscribe(event, [this, last](const Result<Message>& reply) {
      if (!reply) return main_->close(reply.error().text());
      if (last) on_connected();
    });
    if (!asked) return main_->close(asked.error().text());
  }
}

void Charon::on_connected() {
  last_backoff_ = std::exchange(backoff_, kFirstBackoff);
  set_ready(true, "connected to charon");
}

void Charon::reconnect(std::string_view words) {
  later([this, words = std::string(words)] {
    if (!main_) return;
    backoff_ = std::max(backoff_, last_backoff_);
    main_->close(words);
  });
}

void Charon::on_closed(const Error& reason) {
  reconnect_at_ = clock_() + backoff_;
  backoff_ = std::min(backoff_ * 2, kLastBackoff);
  listed_.clear();
  certificates_.clear();
  confirmations_.clear();
  endings_.clear();
  set_ready(false, reason.text());
  // What charon held of them went with it, or is unloaded by unload_all_own() when only the connection broke.
  for (const auto& attempt : std::exchange(attempts_, {})) attempt->tell(Failure{FailureClass::kOther, reason.text()});
  for (const auto& identity : std::exchange(identities_, {})) {
    identity.done(std::unexpected(Error{ErrorCode::kClosed, reason.text(), 0}));
  }
}

void Charon::set_ready(bool ready, std::string_view words) {
  const bool changed = ready != ready_ || !told_;
  ready_ = ready;
  told_ = true;
  if (changed && handlers_.state) handlers_.state(ready, words);
}

void Charon::on_event(std::string_view event, const Message& message) {
  if (event == "log") {
    on_log(message);
  } else if (event == "list-sa") {
    listed_.push_back(message);
  } else if (event == "list-cert") {
    const std::string_view der = message.text("data");
    if (certificates_.size() < kMaxListedCertificates) certificates_.emplace_back(der.begin(), der.end());
  } else if (event == "child-updown" && message.text("up") == "yes") {
    for (const TunnelUp& up : read_tunnels(message)) on_up(up);
  } else if (event == "child-updown") {
    for (const TunnelDown& down : read_downs(message)) on_down(down);
  } else if (event == "child-rekey") {
    for (const TunnelRekeyed& rekeyed : read_child_rekey(message)) on_rekeyed(rekeyed);
  } else if (event == "ike-rekey") {
    if (const auto rekeyed = read_ike_rekey(message); rekeyed && handlers_.ike_rekeyed) handlers_.ike_rekeyed(*rekeyed);
  } else if (event == "ike-updown" && message.text("up") != "yes") {
    if (const auto ike = read_ike(message); ike && handlers_.ike_down) handlers_.ike_down(*ike);
  }
}

}  // namespace vici
