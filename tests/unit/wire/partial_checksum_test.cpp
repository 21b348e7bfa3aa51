#include "wire/partial_checksum.hpp"

#include <gtest/gtest.h>
#include <string>
#include <string_view>

#include "base/hex.hpp"
#include "support/packets.hpp"

namespace {

using base::Protocol;

struct Case {
  Protocol protocol;
  bool v6;
  std::size_t checksum_at;  ///< in the transport header
};

base::Address end(bool v6, int number) {
  return *base::Address::parse((v6 ? "2001:db8::" : "10.1.0.") + std::to_string(number));
}

/// What the pseudo header adds up to, and all of it with the segment when that is given.
std::uint16_t sum_of(const Case& one, std::uint16_t length, base::ByteView segment) {
  base::Writer all;
  const unsigned bytes = one.v6 ? 16 : 4;
  all.number(end(one.v6, 5).value(), bytes);
  all.number(end(one.v6, 7).value(), bytes);
  all.u16(base::number(one.protocol));
  all.u16(length);
  all.append(segment);
  return static_cast<std::uint16_t>(~support::internet_checksum(all.view()));
}

class PartialChecksum : public ::testing::TestWithParam<Case> {
 protected:
  base::Bytes segment() const {
    base::Bytes bytes(25);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(7 * i + 1);
    put(bytes, sum_of(GetParam(), static_cast<std::uint16_t>(bytes.size()), {}));
    return bytes;
  }
  static void put(base::Bytes& bytes, std::uint16_t checksum) {
    bytes[GetParam().checksum_at] = static_cast<std::uint8_t>(checksum >> 8);
    bytes[GetParam().checksum_at + 1] = static_cast<std::uint8_t>(checksum);
  }
  base::Bytes packet(const base::Bytes& segment) const {
    return support::ip_packet(end(GetParam().v6, 5), end(GetParam().v6, 7), GetParam().protocol, segment);
  }
  std::uint16_t whole_sum(const base::Bytes& packet) const {
    const base::ByteView segment = base::ByteView(packet).subspan(GetParam().v6 ? 40 : 20);
    return sum_of(GetParam(), static_cast<std::uint16_t>(segment.size()), segment);
  }
};

TEST_P(PartialChecksum, IsCompleted) {
  auto bytes = packet(segment());
  EXPECT_NE(whole_sum(bytes), 0xffff);
  wire::complete_checksum(bytes);
  EXPECT_EQ(whole_sum(bytes), 0xffff) << base::to_hex(bytes);
}

TEST_P(PartialChecksum, WhatIsCompleteStays) {
  auto bytes = packet(segment());
  wire::complete_checksum(bytes);
  const auto before = bytes;
  wire::complete_checksum(bytes);
  EXPECT_EQ(bytes, before);
}

TEST_P(PartialChecksum, WhatIsWrongStaysWrong) {
  auto damaged = segment();
  put(damaged, 0x1234);
  auto bytes = packet(damaged);
  const auto before = bytes;
  wire::complete_checksum(bytes);
  EXPECT_EQ(bytes, before);
}

TEST_P(PartialChecksum, WhatIsCutShortStays) {
  const auto whole = packet(segment());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    base::Bytes bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    const auto before = bytes;
    wire::complete_checksum(bytes);
    EXPECT_EQ(bytes, before) << length;
  }
}

INSTANTIATE_TEST_SUITE_P(Transports, PartialChecksum,
                         ::testing::Values(Case{Protocol::kTcp, false, 16}, Case{Protocol::kTcp, true, 16},
                                           Case{Protocol::kUdp, false, 6}, Case{Protocol::kUdp, true, 6}));

}  // namespace
