#include "wire/chain_writer.hpp"

namespace wire {

namespace {

constexpr std::size_t kFirstPayloadAt = 16;

}  // namespace

ChainWriter::ChainWriter(std::size_t length, const Header& header) : bytes_(length), next_field_(kFirstPayloadAt) {
  append(header.initiator_cookie);
  append(header.responder_cookie);
  // Flags and message ID are 0.
  u32(static_cast<std::uint32_t>(header.first_payload << 24 | kIsakmpVersion << 16 |
                                 static_cast<std::uint8_t>(header.exchange) << 8));
  u64(static_cast<std::uint32_t>(length));
}

}  // namespace wire
