// decode takes anything; what it took, it takes again after encode, and it means the same.
#include <variant>

#include "fuzz/fuzz.hpp"
#include "wire/codec.hpp"

namespace {

// A response that is shortened to `limit` is that short and still says what the tunnel needs.
void check_within(const wire::Response& response, std::size_t limit) {
  const auto datagram = wire::encode_within(response, limit);
  if (datagram.empty()) return;
  require(datagram.size() <= limit);
  const auto message = wire::decode(datagram);
  require(message.has_value());
  const auto* shorter = std::get_if<wire::Response>(&*message);
  require(shorter != nullptr && shorter->proxy == response.proxy && shorter->gateway == response.gateway);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto message = wire::decode({data, size});
  if (!message) {
    require(message.error().offset <= size);
    require(wire::name(message.error().what) != "unknown_error");
    return 0;
  }
  const auto again = std::visit([](const auto& either) { return wire::encode(either); }, *message);
  const auto meant = wire::decode(again);
  require(meant.has_value() && *meant == *message);
  if (const auto* response = std::get_if<wire::Response>(&*message)) check_within(*response, size);
  return 0;
}
