// The daemon's event loop: a thin, owning face on sd-event.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "base/time.hpp"

namespace tedd {

/// One thread, one loop. Callbacks run from run(); a callback may add and drop sources, its own as well.
class Loop {
 public:
  /// Watches a file descriptor that it does not own; dropped with the object. Movable.
  class Source {
   public:
    Source();
    Source(Source&&) noexcept;
    Source& operator=(Source&&) noexcept;
    ~Source();
    /// Asks for writability as well, or no longer.
    void want_write(bool wanted);
    /// Only for timers: fires once at `when`; nothing switches it off.
    void arm(std::optional<base::Instant> when);

   private:
    friend class Loop;
    struct Body;
    std::unique_ptr<Body> body_;
  };

  struct Readiness {
    bool readable = false;  ///< set on hang-up and error too: the next read says which
    bool writable = false;
  };

  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  [[nodiscard]] Source io(int fd, std::function<void(Readiness)> callback);
  [[nodiscard]] Source timer(std::function<void()> callback);
  /// The signal is blocked for the process, which must still have one thread.
  [[nodiscard]] Source signal(int number, std::function<void()> callback);

  /// Runs until stop(); false when the loop itself failed.
  bool run();
  void stop();

  /// The monotonic clock.
  [[nodiscard]] static base::Instant now();

 private:
  struct Body;
  std::unique_ptr<Body> body_;
};

}  // namespace tedd
