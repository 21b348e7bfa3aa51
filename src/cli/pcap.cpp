#include "cli/pcap.hpp"

#include <array>
#include <fmt/format.h>
#include <span>

namespace cli {

namespace {

constexpr std::size_t kFileHeader = 24;
constexpr std::size_t kFrameHeader = 16;
constexpr std::uint32_t kMicroseconds = 0xa1b2c3d4;
constexpr std::uint32_t kNanoseconds = 0xa1b23c4d;
constexpr std::uint32_t kPcapng = 0x0a0d0d0a;
/// The upper bits of the link type say how long a frame check sequence is.
constexpr std::uint32_t kLinkTypeMask = 0xffff;

constexpr const char* kFormats =
    "give a pcap capture, as tcpdump -w writes it; editcap -F pcap IN OUT makes one of other kinds";

std::unexpected<base::TextError> wrong(std::string message, std::string hint = "capture it again: tcpdump -w FILE") {
  return std::unexpected(base::TextError{std::move(message), std::move(hint)});
}

/// As many bytes as there are, at most the buffer's.
std::size_t read(std::istream& stream, std::span<std::uint8_t> buffer) {
  // Streams read characters; bytes may be seen as such.
  stream.read(reinterpret_cast<char*>(buffer.data()), static_cast<std::streamsize>(buffer.size()));  // NOLINT: bytes
  return static_cast<std::size_t>(stream.gcount());
}

std::uint32_t swapped(std::uint32_t value) {
  return (value >> 24) | ((value >> 8) & 0xff00U) | ((value << 8) & 0xff0000U) | (value << 24);
}

}  // namespace

base::Result<PcapReader, base::TextError> PcapReader::open(std::istream& stream) {
  std::array<std::uint8_t, kFileHeader> bytes{};
  if (read(stream, bytes) != bytes.size()) return wrong("it is too short for a capture file", kFormats);
  base::Reader header(bytes);
  const std::uint32_t magic = header.u32();
  if (magic == kPcapng) return wrong("it is a pcapng file", "convert it: editcap -F pcap IN OUT");
  PcapReader reader(stream);
  reader.little_endian_ = swapped(magic) == kMicroseconds || swapped(magic) == kNanoseconds;
  const std::uint32_t in_order = reader.little_endian_ ? swapped(magic) : magic;
  if (in_order != kMicroseconds && in_order != kNanoseconds) return wrong("it is no pcap file", kFormats);
  reader.nanoseconds_ = in_order == kNanoseconds;
  (void)header.view(16);  // version, time zone, accuracy, snapshot length: nothing that we need
  const std::uint32_t link_type = header.u32();
  reader.link_type_ = (reader.little_endian_ ? swapped(link_type) : link_type) & kLinkTypeMask;
  return reader;
}

base::Result<std::optional<CapturedFrame>, base::TextError> PcapReader::next() {
  std::array<std::uint8_t, kFrameHeader> bytes{};
  const std::size_t got = read(*stream_, bytes);
  if (got == 0) return std::nullopt;
  ++count_;
  if (got != bytes.size()) return wrong(fmt::format("it ends within the header of frame {}", count_));
  base::Reader header(bytes);
  const auto field = [&] {
    const std::uint32_t value = header.u32();
    return little_endian_ ? swapped(value) : value;
  };
  const std::chrono::seconds seconds(field());
  const std::uint32_t fraction = field();
  const std::uint32_t kept = field();
  const std::uint32_t whole = field();
  if (kept > kMaxFrame) return wrong(fmt::format("frame {} claims {} bytes: the file is damaged", count_, kept));
  CapturedFrame frame{count_, control::Timestamp(seconds), kept < whole, base::Bytes(kept)};
  frame.time += std::chrono::milliseconds(fraction / (nanoseconds_ ? 1'000'000 : 1'000));
  if (read(*stream_, frame.bytes) != kept) return wrong(fmt::format("it ends within frame {}", count_));
  return frame;
}

}  // namespace cli
