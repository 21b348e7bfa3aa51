// Any bytes on nftables' netlink socket: read without a step outside, and what is said of a table lies in them.
#include <linux/netfilter/nf_tables.h>
#include <string>
#include <vector>

#include "fuzz/fuzz.hpp"
#include "platform/nft/flowtables.hpp"
#include "platform/nft/messages.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<std::uint8_t> datagram(data, data + size);  // exactly that long
  const auto* const begin = reinterpret_cast<const char*>(datagram.data());
  for (const nft::Message& message : nft::messages_in(datagram)) {
    require(message.kind >= 0 && message.kind <= 255);
    const bool is_end = message.kind == NFT_MSG_NEWGEN;
    require(is_end ? message.table.empty() : message.generation == 0 && message.process == 0);
    if (message.table.empty()) continue;
    require(message.table.data() >= begin && message.table.data() + message.table.size() <= begin + size);
    require(message.table.find('\0') == std::string_view::npos);
  }
  const nft::Flowtable found = nft::flowtable_in("inet", datagram);
  require(found.family == "inet" && found.devices.size() <= size);
  require(nft::text(found).starts_with("inet "));
  return 0;
}
