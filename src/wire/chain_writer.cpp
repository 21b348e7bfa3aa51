#include "wire/chain_writer.hpp"

namespace wire {

namespace {

constexpr std::size_t kFirstPayloadAt = 16;

}  // namespace

ChainWriter::ChainWriter(std::size_t length, const Header& header) : bytes_(length), next_field_(kFirstPayloadAt) {
  append(header.initiator_cookie);
  append(header.responder_cookie);
  u8(header.first_payload);
  u8(kIsakmpVersion);
  u8(static_cast<std::uint8_t>(header.exchange));
  u8(0);   // flags
  u32(0);  // message ID
  u32(static_cast<std::uint32_t>(length));
}

void ChainWriter::begin(PayloadType type, std::size_t length) {
  bytes_[next_field_] = static_cast<std::uint8_t>(type);
  next_field_ = at_;
  // Next payload: none so far; reserved: 0.
  u32(static_cast<std::uint16_t>(length));
}

void ChainWriter::bits(base::Uint128 bits, base::Family family) {
  if (family == base::Family::kV6) {
    put(static_cast<std::uint64_t>(bits >> 64));
    put(static_cast<std::uint64_t>(bits));
  } else {
    put(static_cast<std::uint32_t>(bits));
  }
}

}  // namespace wire
