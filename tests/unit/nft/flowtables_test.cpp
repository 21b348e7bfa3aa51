// What the kernel says of a flowtable, as bytes: not every kernel that tests run on has any. Lab 54 has a real one.
#include "platform/nft/flowtables.hpp"

#include <gtest/gtest.h>
#include <linux/netfilter/nf_tables.h>
#include <string_view>

namespace {

void append(base::Bytes& bytes, int kind, base::ByteView value) {
  const std::size_t length = value.size() + 4;
  for (const std::size_t number :
       {length, static_cast<std::size_t>(kind)}) {  // this machine's order, as netlink has it
    const auto narrow = static_cast<std::uint16_t>(number);
    const auto* first = reinterpret_cast<const std::uint8_t*>(&narrow);
    bytes.insert(bytes.end(), first, first + sizeof narrow);
  }
  bytes.insert(bytes.end(), value.begin(), value.end());
  while (bytes.size() % 4 != 0) bytes.push_back(0);
}

void append(base::Bytes& bytes, int kind, std::string_view text) {
  base::Bytes value(text.begin(), text.end());
  value.push_back(0);
  append(bytes, kind, value);
}

base::Bytes said(const std::vector<std::string_view>& devices) {
  base::Bytes list;
  for (const std::string_view device : devices) append(list, NFTA_DEVICE_NAME, device);
  base::Bytes hook;
  append(hook, NFTA_FLOWTABLE_HOOK_NUM, base::Bytes{0, 0, 0, 0});
  append(hook, NFTA_FLOWTABLE_HOOK_DEVS, list);
  base::Bytes all;
  append(all, NFTA_FLOWTABLE_TABLE, "filter");
  append(all, NFTA_FLOWTABLE_NAME, "fast");
  append(all, NFTA_FLOWTABLE_HOOK, hook);
  return all;
}

TEST(Flowtables, NameAndDevicesAreRead) {
  const nft::Flowtable found = nft::flowtable_in("inet", said({"wan0", "lan0"}));
  EXPECT_EQ(found, (nft::Flowtable{"inet", "filter", "fast", {"lan0", "wan0"}}));
  EXPECT_EQ(nft::text(found), "inet filter fast (lan0, wan0)");
  EXPECT_EQ(nft::text(nft::flowtable_in("ip6", said({}))), "ip6 filter fast (no device)");
}

TEST(Flowtables, WhatIsCutShortIsLeftOut) {
  const base::Bytes whole = said({"lan0", "wan0"});
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto found = nft::flowtable_in("inet", base::ByteView(whole).first(length));
    EXPECT_LE(found.devices.size(), 2U);
  }
  EXPECT_EQ(nft::flowtable_in("inet", {}), (nft::Flowtable{"inet", "", "", {}}));
}

}  // namespace
