// Packets of the vici protocol and their framing on a stream (strongSwan's vici README, "Transport protocol" and
// "Packet layer").
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "platform/vici/message.hpp"

namespace vici {

enum class PacketType : std::uint8_t {
  kCommandRequest = 0,
  kCommandResponse = 1,
  kCommandUnknown = 2,
  kEventRegister = 3,
  kEventUnregister = 4,
  kEventConfirm = 5,
  kEventUnknown = 6,
  kEvent = 7,
};

struct Packet {
  PacketType type = PacketType::kCommandRequest;
  std::string name;  ///< of the command or event; responses have none
  Message message;   ///< requests, responses and events have one, possibly empty

  bool operator==(const Packet&) const = default;
};

/// The packet with its 32-bit length in front. Error: kTooLong.
[[nodiscard]] Result<base::Bytes> encode_packet(const Packet& packet);

/// One packet without its length. Errors: kUnknownPacket, kTruncated, kTooLong (bytes behind a packet that has no
/// message), and those of decode(); offsets count from the packet's type byte.
[[nodiscard]] Result<Packet> decode_packet(base::ByteView bytes);

/// Cuts a stream into packets, however its reads were split. It holds at most one packet and what the last read
/// brought beyond it.
class Deframer {
 public:
  void push(base::ByteView bytes) { buffer_.insert(buffer_.end(), bytes.begin(), bytes.end()); }

  /// The next whole packet without its length; nothing when more bytes are needed. Error: kTooLong, for a length above
  /// kMaxPacket, after which the stream is of no use.
  [[nodiscard]] Result<std::optional<base::Bytes>> next();

 private:
  base::Bytes buffer_;
  std::size_t start_ = 0;
};

}  // namespace vici
