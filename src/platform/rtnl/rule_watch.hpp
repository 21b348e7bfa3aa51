// That somebody deleted a routing rule.
#pragma once

#include <memory>

#include "base/result.hpp"
#include "platform/rtnl/error.hpp"

namespace rtnl {

/// Hears of routing rules that go in the network namespace in which it was opened. It says that one went, not which:
/// whoever has one puts it there again, which is refused where it stands.
class RuleWatch {
 public:
  /// Fails with kNoSocket. No rights are needed.
  [[nodiscard]] static base::Result<RuleWatch, Error> open();
  RuleWatch(RuleWatch&&) noexcept;
  RuleWatch& operator=(RuleWatch&&) noexcept;
  ~RuleWatch();

  /// Readable when there is something to read. Stays the watch's own.
  [[nodiscard]] int fd() const;

  /// Takes in all that waits, never blocks: whether a rule of IPv4 or IPv6 went, or may have.
  [[nodiscard]] bool read();

 private:
  struct State;
  explicit RuleWatch(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace rtnl
