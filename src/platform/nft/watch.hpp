// What others do to our tables.
#pragma once

#include <cstdint>
#include <memory>

#include "base/result.hpp"
#include "platform/nft/client.hpp"

namespace nft {

/// What became of one of our tables since it was last asked.
enum class Change : std::uint8_t {
  kNone,     ///< it is as it was, or was replaced as a whole, as we do ourselves
  kDamaged,  ///< rules, chains or sets were taken out of it: put the whole in place again
  kRemoved,  ///< it was deleted and not made again: put it in place again
  kUnknown,  ///< more happened than the kernel could tell: ask whether it exists
};

struct Changes {
  Change guard = Change::kNone;
  Change interception = Change::kNone;
};

/// Hears of every transaction in the network namespace in which it was made, our own included: those leave kNone
/// behind, since they take rules out of the guard's chain `tunnels` alone. What others add is left alone.
class Watch {
 public:
  /// A transaction of some ten thousand rules fits.
  static constexpr int kReceiveBuffer = 8 << 20;

  /// Fails when there is no netlink socket to be had. Rights: none beyond those of Client.
  [[nodiscard]] static base::Result<Watch, Error> open(int receive_buffer = kReceiveBuffer);
  Watch(Watch&&) noexcept;
  Watch& operator=(Watch&&) noexcept;
  ~Watch();

  /// Readable when there is something to read. Stays the Watch's own.
  [[nodiscard]] int fd() const;

  /// Takes in all that waits, never blocks, and gives what came of it in the end.
  [[nodiscard]] Changes read();

 private:
  struct State;
  explicit Watch(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace nft
