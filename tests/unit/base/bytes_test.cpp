#include "base/bytes.hpp"

#include <gtest/gtest.h>
#include <utility>

#include "base/hex.hpp"

namespace base_test {

TEST(Reader, ReadsBigEndian) {
  const auto bytes = *base::from_hex("01 0203 04050607 08090a0b0c0d0e0f");
  base::Reader reader(bytes);
  EXPECT_EQ(reader.u8(), 1);
  EXPECT_EQ(reader.u16(), 0x0203);
  EXPECT_EQ(reader.u32(), 0x04050607U);
  EXPECT_EQ(reader.u64(), 0x08090a0b0c0d0e0fU);
  EXPECT_EQ(reader.remaining(), 0U);
  EXPECT_FALSE(reader.failed());
}

TEST(Reader, FailsForGoodPastTheEnd) {
  const base::Bytes bytes = {1, 2, 3};
  base::Reader reader(bytes);
  EXPECT_EQ(reader.u32(), 0U);
  EXPECT_TRUE(reader.failed());
  EXPECT_EQ(reader.u8(), 0);
  EXPECT_TRUE(reader.failed());
  EXPECT_EQ(reader.offset(), 0U);
}

TEST(Writer, WritesWhatReaderReads) {
  base::Writer writer;
  writer.u16(0);
  writer.u64(0x0102030405060708U);
  writer.zeros(2);
  writer.put_u16_at(0, 0xabcd);
  EXPECT_EQ(base::to_hex(std::move(writer).take()), "abcd01020304050607080000");
}

TEST(Hex, ReadsBothCasesAndSeparators) {
  EXPECT_EQ(base::to_hex(*base::from_hex("DE:ad be\nEF")), "deadbeef");
  EXPECT_EQ(base::from_hex("")->size(), 0U);
  for (const auto* text : {"d", "d e", "0x00", "zz", "12 3", "1 2"}) EXPECT_FALSE(base::from_hex(text)) << text;
}

}  // namespace base_test
