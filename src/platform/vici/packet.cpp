#include "platform/vici/packet.hpp"

#include <utility>

#include "base/secret.hpp"

namespace vici {
namespace {

constexpr std::size_t kLengthBytes = 4;

constexpr bool has_name(PacketType type) {
  return type == PacketType::kCommandRequest || type == PacketType::kEventRegister ||
         type == PacketType::kEventUnregister || type == PacketType::kEvent;
}

constexpr bool has_message(PacketType type) {
  return type == PacketType::kCommandRequest || type == PacketType::kCommandResponse || type == PacketType::kEvent;
}

std::unexpected<Error> error(ErrorCode code, std::size_t offset) {
  return std::unexpected(Error{code, {}, offset});
}

}  // namespace

Result<base::Bytes> encode_packet(const Packet& packet) {
  if (packet.name.size() > 255) return error(ErrorCode::kTooLong, 0);
  base::Bytes body;
  if (has_message(packet.type)) {
    TED_TRY(body, encode(packet.message));
  }
  const std::size_t length = 1 + (has_name(packet.type) ? 1 + packet.name.size() : 0) + body.size();
  if (length > kMaxPacket) return error(ErrorCode::kTooLong, 0);
  base::Writer out(kLengthBytes + length);
  out.u32(static_cast<std::uint32_t>(length));
  out.u8(static_cast<std::uint8_t>(packet.type));
  if (has_name(packet.type)) {
    out.u8(static_cast<std::uint8_t>(packet.name.size()));
    out.append({reinterpret_cast<const std::uint8_t*>(packet.name.data()), packet.name.size()});
  }
  out.append(body);
  base::wipe(body);
  return std::move(out).take();
}

Result<Packet> decode_packet(base::ByteView bytes) {
  base::Reader in(bytes);
  const std::uint8_t type = in.u8();
  if (in.failed()) return error(ErrorCode::kTruncated, 0);
  if (type > 7) return error(ErrorCode::kUnknownPacket, 0);
  Packet packet{static_cast<PacketType>(type), {}, {}};
  if (has_name(packet.type)) {
    const base::ByteView name = in.view(in.u8());
    if (in.failed()) return error(ErrorCode::kTruncated, in.offset());
    packet.name.assign(name.begin(), name.end());
  }
  const std::size_t start = in.offset();
  if (!has_message(packet.type)) {
    if (in.remaining() > 0) return error(ErrorCode::kTooLong, start);
    return packet;
  }
  auto message = decode(in.view(in.remaining()));
  if (!message) {
    message.error().offset += start;
    return std::unexpected(std::move(message).error());
  }
  packet.message = *std::move(message);
  return packet;
}

Result<std::optional<base::Bytes>> Deframer::next() {
  base::Reader in(base::ByteView(buffer_).subspan(start_));
  const std::uint32_t length = in.u32();
  if (!in.failed() && length > kMaxPacket) return error(ErrorCode::kTooLong, 0);
  const base::ByteView packet = in.view(length);
  if (in.failed()) {
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(start_));
    start_ = 0;
    return std::nullopt;
  }
  start_ += kLengthBytes + length;
  return base::Bytes(packet.begin(), packet.end());
}

}  // namespace vici
