// What others do to our tables.
#pragma once

#include <cstdint>
#include <memory>

#include "base/result.hpp"
#include "platform/nft/error.hpp"

namespace nft {

/// What became of one of our tables since it was last asked, from good to bad.
enum class Change : std::uint8_t {
  kNone,     ///< it is as we left it
  kDamaged,  ///< others made it anew, deleted or changed it, or put anything into it or took anything out of it
  kUnknown,  ///< more happened than the kernel could tell
};

struct Changes {
  Change guard = Change::kNone;
  Change interception = Change::kNone;
  bool flowtables = false;  ///< some came or went, in whatever table, or may have
};

/// Hears of every transaction in the network namespace in which it was made. Those of the thread that made it are our
/// own: they mean nothing, and one that makes or deletes a table mends what others did to it before. Whatever others do
/// to our tables is mended in one way: the whole table put in place again. What packets enter into our sets by is no
/// transaction, and is not told.
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

  /// Hears nothing until resume(). What the kernel tells of a large guard is more work for it than the guard itself.
  /// What others do meanwhile shows only in the number of transactions (generation.hpp).
  void pause();
  void resume();

  /// Takes in all that waits, never blocks, and gives what came of it in the end.
  [[nodiscard]] Changes read();

 private:
  struct State;
  explicit Watch(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace nft
