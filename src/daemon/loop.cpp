#include "daemon/loop.hpp"

#include <csignal>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>
#include <sys/epoll.h>
#include <systemd/sd-event.h>
#include <time.h>
#include <utility>

namespace tedd {

struct Loop::Body {
  sd_event* event = nullptr;
  std::exception_ptr failure;

  /// No exception passes through the library, which is C.
  int guarded(const auto& call) {
    try {
      call();
    } catch (...) {
      failure = std::current_exception();
      sd_event_exit(event, 0);
    }
    return 0;
  }
  /// What the library said, after a failure of ours was passed on.
  bool passed_on(int result) {
    if (failure) std::rethrow_exception(std::exchange(failure, nullptr));
    return result >= 0;
  }
};

struct Loop::Source::Body {
  Loop::Body& loop;
  sd_event_source* source = nullptr;
  std::function<void(Readiness)> on_io;
  std::function<void()> on_fire;

  explicit Body(Loop::Body& its_loop) : loop(its_loop) {}
  Body(const Body&) = delete;
  Body& operator=(const Body&) = delete;
  ~Body() { sd_event_source_disable_unref(source); }
};

namespace {

std::uint64_t microseconds(base::Instant when) {
  // Rounded up: a timer that fires early would find nothing due.
  return static_cast<std::uint64_t>((when.time_since_epoch().count() + 999) / 1000);
}

void must(int result, const char* what) {
  if (result < 0) throw std::runtime_error(std::string(what) + ": " + std::strerror(-result));
}

}  // namespace

Loop::Source::Source() = default;
Loop::Source::Source(Source&&) noexcept = default;
Loop::Source& Loop::Source::operator=(Source&&) noexcept = default;
Loop::Source::~Source() = default;

void Loop::Source::want(Readiness what) {
  std::uint32_t events = 0;
  if (what.readable) events |= EPOLLIN;
  if (what.writable) events |= EPOLLOUT;
  if (body_) sd_event_source_set_io_events(body_->source, events);
}

void Loop::Source::arm(std::optional<base::Instant> when) {
  if (!body_) return;
  if (when) sd_event_source_set_time(body_->source, microseconds(*when));
  sd_event_source_set_enabled(body_->source, when ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
}

int Loop::Source::fire(void* data) {
  auto& loop = static_cast<Body*>(data)->loop;
  const auto call = static_cast<Body*>(data)->on_fire;  // a copy, because the callback may drop its own source
  return loop.guarded(call);
}

Loop::Loop() : body_(std::make_unique<Body>()) {
  if (sd_event_new(&body_->event) < 0) throw std::runtime_error("the event loop cannot be made");
  sd_event_set_watchdog(body_->event, 1);
}

Loop::~Loop() {
  sd_event_unref(body_->event);
}

std::optional<Loop::Source> Loop::try_io(int fd, std::function<void(Readiness)> callback) {
  Source source;
  source.body_ = std::make_unique<Source::Body>(*body_);
  source.body_->on_io = std::move(callback);
  const auto ready = [](sd_event_source*, int, std::uint32_t events, void* data) {
    // Copies, because the callback may drop its own source.
    auto& loop = static_cast<Source::Body*>(data)->loop;
    const auto call = static_cast<Source::Body*>(data)->on_io;
    const Readiness what{.readable = (events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0,
                         .writable = (events & EPOLLOUT) != 0};
    return loop.guarded([&] { call(what); });
  };
  if (sd_event_add_io(body_->event, &source.body_->source, fd, EPOLLIN, ready, source.body_.get()) < 0) {
    return std::nullopt;
  }
  return source;
}

Loop::Source Loop::io(int fd, std::function<void(Readiness)> callback) {
  auto source = try_io(fd, std::move(callback));
  if (!source) throw std::runtime_error("the event loop cannot watch descriptor " + std::to_string(fd));
  return *std::move(source);
}

Loop::Source Loop::timer(std::function<void()> callback) {
  Source source;
  source.body_ = std::make_unique<Source::Body>(*body_);
  source.body_->on_fire = std::move(callback);
  const auto fire = [](sd_event_source*, std::uint64_t, void* data) { return Source::fire(data); };
  must(sd_event_add_time(body_->event, &source.body_->source, CLOCK_MONOTONIC, 0, 1, fire, source.body_.get()),
       "the event loop has no timer");
  sd_event_source_set_enabled(source.body_->source, SD_EVENT_OFF);
  return source;
}

Loop::Source Loop::signal(int number, std::function<void()> callback) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  Source source;
  source.body_ = std::make_unique<Source::Body>(*body_);
  source.body_->on_fire = std::move(callback);
  const auto fire = [](sd_event_source*, const signalfd_siginfo*, void* data) { return Source::fire(data); };
  must(sd_event_add_signal(body_->event, &source.body_->source, number, fire, source.body_.get()),
       "the event loop cannot take a signal");
  return source;
}

bool Loop::run() {
  return body_->passed_on(sd_event_loop(body_->event));
}

bool Loop::turn(base::Duration at_most) {
  const auto span = std::chrono::ceil<std::chrono::microseconds>(at_most);
  return body_->passed_on(sd_event_run(body_->event, static_cast<std::uint64_t>(span.count())));
}

void Loop::stop() {
  sd_event_exit(body_->event, 0);
}

base::Instant Loop::now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return base::Instant(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
}

}  // namespace tedd
