// decode takes anything; what it took, it takes again after encode, and it means the same.
#include <utility>
#include <variant>

#include "fuzz/fuzz.hpp"
#include "wire/codec.hpp"
#include "wire/proof.hpp"

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

// Where the message begins its proof, which encoding leaves out: 0 from now on.
std::size_t take_proof(wire::Message& message) {
  return std::visit([](auto& either) { return std::exchange(either.proof_at, 0); }, message);
}

// A proof lies within its datagram, and is over what stands ahead of it.
void check_proof(base::ByteView datagram, std::size_t proof_at) {
  const wire::Proof proof = wire::proof_in(datagram, proof_at);
  const auto is_prefix = [&](base::ByteView part) {
    return part.empty() || (part.data() == datagram.data() && part.size() < datagram.size());
  };
  require(is_prefix(proof.signed_part) && is_prefix(proof.hashed_part));
  require(proof.signature.empty() == (proof.certificate_count == 0));
  require(proof.signature.empty() || proof.signature.size() == wire::Signature{}.size());
  require(proof.keyed_hash.empty() || proof.keyed_hash.size() == wire::KeyedHash{}.size());
  require(!proof.signature.empty() || !proof.keyed_hash.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto message = wire::decode({data, size});
  if (!message) {
    require(message.error().offset <= size);
    require(wire::name(message.error().what) != "unknown_error");
    return 0;
  }
  if (const std::size_t proof_at = take_proof(*message); proof_at != 0) check_proof({data, size}, proof_at);
  const auto again = std::visit([](const auto& either) { return wire::encode(either); }, *message);
  const auto meant = wire::decode(again);
  require(meant.has_value() && *meant == *message);
  if (const auto* response = std::get_if<wire::Response>(&*message)) check_within(*response, size);
  return 0;
}
