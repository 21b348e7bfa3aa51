// That something changed in the kernel's tables.
#pragma once

#include <memory>

#include "base/result.hpp"
#include "platform/rtnl/error.hpp"

namespace rtnl {

/// Hears of links, addresses and routes that come, change and go in the network namespace in which it was opened. It
/// says that something happened, not what: not every loss is told (routes of an interface that is switched off are
/// not), so whoever wants to know asks for a dump() after each. Then nothing can be missed, an overrun no more than
/// anything else.
class Watch {
 public:
  /// Some thousand changes fit; more are an overrun, which is a change.
  static constexpr int kReceiveBuffer = 1 << 20;

  /// Fails with kNoSocket. No rights are needed.
  [[nodiscard]] static base::Result<Watch, Error> open(int receive_buffer = kReceiveBuffer);
  Watch(Watch&&) noexcept;
  Watch& operator=(Watch&&) noexcept;
  ~Watch();

  /// Readable when there is something to read. Stays the Watch's own.
  [[nodiscard]] int fd() const;

  /// Takes in all that waits, never blocks: whether anything changed that dump() lists.
  [[nodiscard]] bool read();

 private:
  struct State;
  explicit Watch(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace rtnl
