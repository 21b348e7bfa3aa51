// What the tests with a scripted charon share: one client of it, in virtual time.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>

#include "unit/vici/driver.hpp"
#include "unit/vici/fake_charon.hpp"

namespace vici_lab {

class ScriptTest : public testing::Test {
 protected:
  ScriptTest() : driver_(fake_.path(), [this] { return now_; }) {}

  void SetUp() override {
    ASSERT_TRUE(until([&] { return charon().is_connected(); }));
  }

  vici::Charon& charon() { return driver_.charon; }
  Heard& heard() { return driver_.heard; }

  /// Until the condition holds, or nothing is left to happen.
  bool until(const std::function<bool()>& condition) {
    for (int idle = 0; !condition() && idle < 100;) {
      const bool busy = fake_.turn();
      pollfd waits{charon().fd(), POLLIN, 0};
      const bool readable = ::poll(&waits, 1, 0) == 1;
      if (readable) charon().on_readable();
      const auto deadline = charon().next_deadline();
      if (deadline && *deadline <= now_) {
        charon().on_deadline(now_);
      } else if (!busy && !readable) {
        if (deadline) now_ = *deadline;
        ++idle;
      }
    }
    return condition();
  }
  /// All that can happen without time passing by itself.
  void run_out() {
    until([] { return false; });
  }

  base::Instant now_{};
  FakeCharon fake_;
  Driver driver_;
};

}  // namespace vici_lab
