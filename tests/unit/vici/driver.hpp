// A small event loop around one Charon for tests: it records what it hears.
#pragma once

#include <chrono>
#include <functional>
#include <poll.h>
#include <string>
#include <utility>
#include <vector>

#include "platform/vici/charon.hpp"

namespace vici_lab {

inline base::Instant now() {
  return base::Instant(std::chrono::duration_cast<base::Duration>(std::chrono::steady_clock::now().time_since_epoch()));
}

struct Heard {
  std::vector<vici::TunnelUp> up;
  std::vector<vici::TunnelDown> down;
  std::vector<vici::TunnelRekeyed> rekeyed;
  std::vector<vici::IkeRekeyed> ike_rekeyed;
  std::vector<vici::IkeSa> ike_down;
  std::vector<std::uint32_t> not_ended;
  std::vector<std::pair<bool, std::string>> states;
};

class Driver {
 public:
  explicit Driver(const std::string& socket, vici::Charon::Clock clock = now)
      : charon(socket, handlers(), std::move(clock)) {}

  vici::CharonHandlers handlers() {
    return {[this](bool connected, std::string_view words) { heard.states.emplace_back(connected, words); },
            [this](const vici::TunnelUp& what) { heard.up.push_back(what); },
            [this](const vici::TunnelDown& what) { heard.down.push_back(what); },
            [this](const vici::TunnelRekeyed& what) { heard.rekeyed.push_back(what); },
            [this](const vici::IkeRekeyed& what) { heard.ike_rekeyed.push_back(what); },
            [this](const vici::IkeSa& what) { heard.ike_down.push_back(what); },
            [this](std::uint32_t child_id, const vici::Error&) { heard.not_ended.push_back(child_id); }};
  }

  Heard heard;
  vici::Charon charon;
};

/// Drives every charon until the condition holds; false when it does not within the time.
inline bool until(const std::vector<Driver*>& drivers, const std::function<bool()>& condition,
                  std::chrono::milliseconds limit = std::chrono::seconds(10)) {
  const auto end = now() + limit;
  while (!condition()) {
    if (now() > end) return false;
    std::vector<pollfd> fds;
    auto wake = now() + std::chrono::milliseconds(50);
    for (Driver* driver : drivers) {
      fds.push_back({driver->charon.fd(), POLLIN, 0});
      if (const auto deadline = driver->charon.next_deadline()) wake = std::min(wake, *deadline);
    }
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(wake - now()).count();
    ::poll(fds.data(), fds.size(), wait > 0 ? static_cast<int>(wait) : 0);
    for (std::size_t i = 0; i < drivers.size(); ++i) {
      if (fds[i].revents != 0) drivers[i]->charon.on_readable();
      const auto deadline = drivers[i]->charon.next_deadline();
      if (deadline && *deadline <= now()) drivers[i]->charon.on_deadline(now());
    }
  }
  return true;
}

}  // namespace vici_lab
