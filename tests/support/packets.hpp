// IP packets for tests of real networks, built field by field.
#pragma once

#include <cstdint>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/flow.hpp"

namespace support {

inline std::uint16_t internet_checksum(base::ByteView bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) sum += i % 2 == 0 ? bytes[i] * 256U : bytes[i];
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum & 0xffff);
}

/// What the fields of an IPv4 header say beside the flow.
struct Header {
  std::uint16_t identification = 0x1234;
  std::uint16_t fragment = 0;  ///< flags and offset, as on the wire
  std::uint8_t ttl = 64;
};

inline base::Bytes ip_packet(const base::Address& source, const base::Address& destination, base::Protocol protocol,
                             base::ByteView payload, const Header& header = {}) {
  base::Writer writer;
  if (source.family() == base::Family::kV4) {
    writer.u16(0x4500);
    writer.u16(static_cast<std::uint16_t>(20 + payload.size()));
    writer.u16(header.identification);
    writer.u16(header.fragment);
    writer.u8(header.ttl);
    writer.u8(base::number(protocol));
    writer.u16(0);
    writer.number(source.value(), 4);
    writer.number(destination.value(), 4);
  } else {
    writer.u32(0x60000000);
    writer.u16(static_cast<std::uint16_t>(payload.size()));
    writer.u8(base::number(protocol));
    writer.u8(header.ttl);
    writer.number(source.value(), 16);
    writer.number(destination.value(), 16);
  }
  writer.append(payload);
  base::Bytes packet = std::move(writer).take();
  if (source.family() == base::Family::kV4) {
    const std::uint16_t sum = internet_checksum(base::ByteView(packet).first(20));
    packet[10] = static_cast<std::uint8_t>(sum >> 8);
    packet[11] = static_cast<std::uint8_t>(sum);
  }
  return packet;
}

/// The transport header of the flow's protocol, as far as a gateway looks at it, then `data`.
inline base::Bytes transport(const base::Flow& flow, base::ByteView data) {
  base::Writer writer;
  if (base::is_icmp(flow.protocol)) {
    writer.u8(static_cast<std::uint8_t>(flow.source_port));
    writer.u8(static_cast<std::uint8_t>(flow.destination_port));
    writer.u16(0);
    writer.u32(0x00010001);
  } else if (base::has_ports(flow.protocol)) {
    writer.u16(flow.source_port);
    writer.u16(flow.destination_port);
    if (flow.protocol == base::Protocol::kUdp) {
      writer.u16(static_cast<std::uint16_t>(8 + data.size()));
      writer.u16(0);
    } else {
      writer.u64(0);
      writer.u64(0);
    }
  }
  writer.append(data);
  return std::move(writer).take();
}

inline base::Bytes packet_of(const base::Flow& flow, base::ByteView data, const Header& header = {}) {
  return ip_packet(flow.source, flow.destination, flow.protocol, transport(flow, data), header);
}

/// An ISAKMP header alone: enough to be taken for a probe (240) or a response (241) by a filter.
inline base::Bytes isakmp(std::uint8_t exchange, std::uint8_t version = 0x10, std::size_t more = 60) {
  base::Writer writer;
  writer.u64(0x0102030405060708);
  writer.u64(0);
  writer.u8(0);
  writer.u8(version);
  writer.u8(exchange);
  writer.u8(0);
  writer.u32(0);
  writer.u32(static_cast<std::uint32_t>(28 + more));
  for (std::size_t i = 0; i < more; ++i) writer.u8(static_cast<std::uint8_t>(i));
  return std::move(writer).take();
}

}  // namespace support
