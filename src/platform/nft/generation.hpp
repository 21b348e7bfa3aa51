// How often the rules of a network namespace have changed.
#pragma once

#include <cstdint>

#include "base/result.hpp"
#include "platform/nft/error.hpp"

namespace nft {

struct Generation {
  std::uint32_t number = 0;  ///< one more after each transaction, whoever runs it
  std::uint32_t asker = 0;   ///< what the kernel calls the calling thread when it tells others of a transaction
};

/// Asks the kernel, about the calling thread's namespace. Fails without a netlink socket or the rights of Client.
[[nodiscard]] base::Result<Generation, Error> generation();

}  // namespace nft
