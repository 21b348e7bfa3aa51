// Any bytes from charon's socket: packets or an error, however the stream is cut, and what was read is written again.
#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include "fuzz/fuzz.hpp"
#include "platform/vici/packet.hpp"

namespace {

// The same packets whether the bytes come at once or one by one.
std::vector<base::Bytes> cut(base::ByteView bytes, std::size_t step) {
  vici::Deframer deframer;
  std::vector<base::Bytes> packets;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    deframer.push(bytes.subspan(at, std::min(step, bytes.size() - at)));
    while (true) {
      const auto next = deframer.next();
      if (!next || !*next) break;
      packets.push_back(**next);
    }
  }
  return packets;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteView bytes(data, size);
  require(cut(bytes, std::max<std::size_t>(size, 1)) == cut(bytes, 1));
  const auto packet = vici::decode_packet(bytes);
  if (!packet) {
    require(packet.error().offset <= size);
    return 0;
  }
  vici::Message texts;
  vici::Message secrets;
  for (const vici::Node& node : packet->message.nodes()) {
    const bool is_text = std::holds_alternative<std::string>(node.value);
    require(is_text || packet->message.list(node.name) != nullptr || packet->message.section(node.name) != nullptr);
    require(!is_text || packet->message.text(node.name).size() <= size);
    if (!is_text) continue;
    texts.add(node.name, std::get<std::string>(node.value));
    secrets.add_secret(node.name, std::get<std::string>(node.value));
  }
  const vici::Message copied = secrets;
  require(secrets == texts && copied == texts);
  const auto again = vici::encode_packet(*packet);
  require(again.has_value());
  const auto once_more = vici::decode_packet(base::ByteView(*again).subspan(4));
  require(once_more.has_value() && *once_more == *packet);
  return 0;
}
