// What the kernel says about nftables on a netlink socket.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace nft {

/// One message; what it does not say is empty or 0.
struct Message {
  int kind = 0;                  ///< NFT_MSG_…
  std::uint8_t family = 0;       ///< NFPROTO_…
  std::string_view table;        ///< of which it tells; not in NFT_MSG_NEWGEN
  std::uint32_t generation = 0;  ///< only in NFT_MSG_NEWGEN: the number of the transaction that it ends
  std::uint32_t process = 0;     ///< only there: the thread that ran it, as the first process namespace numbers it
};

/// The messages of nftables among those of one datagram, up to the first that is cut short. Views into `datagram`.
[[nodiscard]] std::vector<Message> messages_in(base::ByteView datagram);

}  // namespace nft
