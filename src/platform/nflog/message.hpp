// What the kernel writes to an NFLOG socket, read: netlink messages, each with the attributes of one packet.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "platform/nflog/reader.hpp"

namespace nflog {

/// One packet. Views point into what was read.
struct Copy {
  base::ByteView packet;  ///< empty: the message has none
  PacketInfo info;
  std::optional<std::uint32_t> sequence;  ///< of the kernel's numbering within the group
};

/// Walks the messages of one datagram, which must outlive the walk.
class Messages {
 public:
  explicit Messages(base::ByteView datagram) : rest_(datagram) {}

  /// The next packet. False when there is none; malformed() then says whether that is where the datagram should end.
  [[nodiscard]] bool next(Copy& copy);
  /// Something in it is not what the kernel sends. What stood before it has been read.
  [[nodiscard]] bool malformed() const { return malformed_; }

 private:
  bool fail() {
    malformed_ = true;
    rest_ = {};
    return false;
  }

  base::ByteView rest_;
  bool malformed_ = false;
};

}  // namespace nflog
