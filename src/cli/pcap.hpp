// Packets out of a capture file in the classic pcap format (draft-ietf-opsawg-pcap), of either byte order and with
// micro- or nanoseconds. A capture may come from anybody: every length is looked at before it is believed.
#pragma once

#include <chrono>
#include <cstdint>
#include <istream>
#include <optional>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/text_error.hpp"
#include "control/timestamp.hpp"

namespace cli {

struct CapturedFrame {
  std::uint64_t number = 0;  ///< from 1, as other tools count
  control::Timestamp time;
  bool cut_short = false;  ///< the capture kept less than the wire carried
  base::Bytes bytes;       ///< from the link layer on
};

class PcapReader {
 public:
  /// Reads the file's header. The stream must outlive the reader.
  [[nodiscard]] static base::Result<PcapReader, base::TextError> open(std::istream& stream);

  /// The number that says what a frame begins with (https://www.tcpdump.org/linktypes.html).
  [[nodiscard]] std::uint32_t link_type() const { return link_type_; }

  /// The next frame; nothing at the end. An error when the file ends within a frame or a length cannot be; what came
  /// before it is good.
  [[nodiscard]] base::Result<std::optional<CapturedFrame>, base::TextError> next();

  /// Longer frames do not exist; libpcap has the same limit.
  static constexpr std::uint32_t kMaxFrame = 262144;

 private:
  explicit PcapReader(std::istream& stream) : stream_(&stream) {}

  std::istream* stream_;
  bool little_endian_ = false;
  bool nanoseconds_ = false;
  std::uint32_t link_type_ = 0;
  std::uint64_t count_ = 0;
};

}  // namespace cli
