#include "wire/chain.hpp"

#include "wire/layout.hpp"
#include "wire/limits.hpp"

namespace wire {

namespace {

constexpr std::size_t kFirstPayloadAt = 16;
constexpr std::size_t kReservedAt = 1;
constexpr std::size_t kLengthAt = 2;

}  // namespace

ChainReader::ChainReader(base::ByteView datagram, std::uint8_t first_payload)
    : datagram_(datagram), offset_(kHeaderLength), next_type_(first_payload) {}

Status ChainReader::next(Payload& payload) {
  payload = {next_type_, offset_, {}};
  if (count_++ == kMaxPayloads) return payload.error(Error::kTooManyPayloads);
  base::Reader reader(datagram_.subspan(offset_));
  next_type_ = reader.u8();
  const std::uint8_t reserved = reader.u8();
  const std::size_t length = reader.u16();
  if (reader.failed()) return payload.error(Error::kTruncatedPayload);
  if (reserved != 0) return payload.error(Error::kReservedSet, kReservedAt);
  if (length < kPayloadHeaderLength) return payload.error(Error::kPayloadTooShort, kLengthAt);
  payload.body = reader.view(length - kPayloadHeaderLength);
  if (reader.failed()) return payload.error(Error::kTruncatedPayload);
  offset_ += length;
  return {};
}

Status ChainReader::end() const {
  if (offset_ != datagram_.size()) return std::unexpected(DecodeError{Error::kTrailingBytes, offset_});
  return {};
}

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
