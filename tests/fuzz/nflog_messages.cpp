// Any bytes on an NFLOG socket: read without a step outside, to an end, and a packet and its prefix are pieces of them.
#include <functional>

#include "fuzz/fuzz.hpp"
#include "platform/nflog/message.hpp"

namespace {

bool is_within(const void* piece, std::size_t length, base::ByteView whole) {
  const auto* const begin = static_cast<const std::uint8_t*>(piece);
  const auto* const end = whole.data() + whole.size();
  return std::less_equal<>()(whole.data(), begin) && std::less_equal<>()(begin + length, end);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteView datagram(data, size);
  nflog::Messages messages(datagram);
  std::size_t packets = 0;
  for (nflog::Copy copy; messages.next(copy); ++packets) {
    require(copy.packet.empty() || is_within(copy.packet.data(), copy.packet.size(), datagram));
    require(copy.info.prefix.empty() || is_within(copy.info.prefix.data(), copy.info.prefix.size(), datagram));
  }
  require(packets <= size / 20);  // of a message's and a packet's head
  nflog::Copy none;
  require(!messages.next(none));
  return 0;
}
