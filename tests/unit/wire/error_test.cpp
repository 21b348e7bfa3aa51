#include "wire/error.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <set>

namespace {

TEST(Error, NamesAreUniqueAndSnakeCase) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < wire::kErrorCount; ++i) {
    const auto name = wire::name(static_cast<wire::Error>(i));
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_TRUE(std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || c == '_' || c == '1'; }))
        << name;
  }
}

TEST(Error, NamesStandBesideTheirValues) {
  EXPECT_EQ(name(wire::Error::kDatagramTooLong), "datagram_too_long");
  EXPECT_EQ(name(wire::Error::kTruncatedPayload), "truncated_payload");
  EXPECT_EQ(name(wire::Error::kSummaryLength), "summary_length");
  EXPECT_EQ(name(wire::Error::kResponsePorts), "response_ports");
  EXPECT_EQ(name(wire::Error::kHalfProxyFamily), "half_proxy_family");
  EXPECT_EQ(name(static_cast<wire::Error>(200)), "unknown_error");
}

}  // namespace
