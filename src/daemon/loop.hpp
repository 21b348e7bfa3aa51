// The daemon's event loop: a thin, owning face on sd-event.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "base/time.hpp"

namespace tedd {

/// One thread, one loop. Callbacks run from run(); a callback may add and drop sources, its own as well. An exception
/// that leaves a callback ends the loop, and comes out of run() or turn().
class Loop {
 public:
  struct Readiness {
    bool readable = false;  ///< set on hang-up and error too: the next read says which
    bool writable = false;
  };

  /// Watches a file descriptor that it does not own; dropped with the object. Movable.
  class Source {
   public:
    Source();
    Source(Source&&) noexcept;
    Source& operator=(Source&&) noexcept;
    ~Source();
    /// What to be called for: readability alone at first. Hang-up and error always count as readable.
    void want(Readiness what);
    /// Only for timers: fires once at `when`; nothing switches it off.
    void arm(std::optional<base::Instant> when);

   private:
    friend class Loop;
    struct Body;
    static int fire(void* data);
    std::unique_ptr<Body> body_;
  };

  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Each throws std::runtime_error when the system gives no such source: a loop without one of its sources is deaf.
  [[nodiscard]] Source io(int fd, std::function<void(Readiness)> callback);
  [[nodiscard]] Source timer(std::function<void()> callback);
  /// The signal is blocked for the process, which must still have one thread.
  [[nodiscard]] Source signal(int number, std::function<void()> callback);
  /// Like io(), for what can be done without; nothing when the system gives none.
  [[nodiscard]] std::optional<Source> try_io(int fd, std::function<void(Readiness)> callback);

  /// Runs until stop(), and never again; false when the loop itself failed.
  bool run();
  /// One callback at most, waited for so long: for who has a loop of its own. False when the loop itself failed.
  bool turn(base::Duration at_most);
  void stop();

  /// The monotonic clock.
  [[nodiscard]] static base::Instant now();

 private:
  struct Body;
  std::unique_ptr<Body> body_;
};

}  // namespace tedd
