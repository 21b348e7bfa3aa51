// How often the rules of a network namespace have changed.
#pragma once

#include <cstdint>
#include <utility>

#include "base/result.hpp"
#include "platform/nft/error.hpp"

namespace nft {

struct Generation {
  std::uint32_t number = 0;  ///< one more after each transaction, whoever runs it
  std::uint32_t asker = 0;   ///< what the kernel calls the calling thread when it tells others of a transaction
};

/// Asks the kernel, about the calling thread's namespace. Fails without a netlink socket or the rights of Client. Its
/// socket's end waits until the kernel has freed what the last transaction deleted, some milliseconds.
[[nodiscard]] base::Result<Generation, Error> generation();

/// The same, again and again, without that wait: for who has a guard to put back. Movable.
class GenerationCounter {
 public:
  /// About the namespace in which it is opened. Fails as generation().
  [[nodiscard]] static base::Result<GenerationCounter, Error> open();
  GenerationCounter(GenerationCounter&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}
  GenerationCounter& operator=(GenerationCounter&& other) noexcept {
    std::swap(socket_, other.socket_);
    return *this;
  }
  ~GenerationCounter();

  [[nodiscard]] base::Result<Generation, Error> ask() const;

 private:
  explicit GenerationCounter(int socket) : socket_(socket) {}

  int socket_ = -1;
};

}  // namespace nft
