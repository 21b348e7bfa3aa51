// decode takes anything; what it took, it takes again after encode, and it means the same.
#include <algorithm>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include "fuzz/fuzz.hpp"
#include "wire/codec.hpp"
#include "wire/limits.hpp"
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

template <class Part>
Part part_of(base::ByteView bytes) {
  Part part{};
  std::ranges::copy(bytes, part.begin());
  return part;
}

// Behind a datagram without one it is written, and read, as it was.
void check_written(base::Bytes bare, const wire::Proof& proof) {
  std::vector<base::Bytes> certificates;
  for (const base::ByteView one : std::span(proof.certificates).first(proof.certificate_count)) {
    certificates.emplace_back(one.begin(), one.end());
  }
  const wire::ProofParts parts{proof.time, certificates, !proof.keyed_hash.empty()};
  const std::size_t length = bare.size() + wire::proof_length(parts);
  wire::ProofWriter writer(std::move(bare), parts);
  if (!proof.signature.empty()) writer.put(part_of<wire::Signature>(proof.signature));
  if (!proof.keyed_hash.empty()) writer.put(part_of<wire::KeyedHash>(proof.keyed_hash));
  const base::Bytes datagram = std::move(writer).take();
  require(datagram.size() == length);
  if (length > wire::kMaxDatagramLength) return;
  auto message = wire::decode(datagram);
  require(message.has_value());
  const std::size_t proof_at = take_proof(*message);
  require(proof_at != 0);
  const wire::Proof again = wire::proof_in(datagram, proof_at);
  require(again.time == proof.time && again.certificate_count == proof.certificate_count);
  require(std::ranges::equal(again.signature, proof.signature));
  require(std::ranges::equal(again.keyed_hash, proof.keyed_hash));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto message = wire::decode({data, size});
  if (!message) {
    require(message.error().offset <= size);
    require(wire::name(message.error().what) != "unknown_error");
    return 0;
  }
  const std::size_t proof_at = take_proof(*message);
  const auto again = std::visit([](const auto& either) { return wire::encode(either); }, *message);
  if (proof_at != 0) {
    check_proof({data, size}, proof_at);
    check_written(again, wire::proof_in({data, size}, proof_at));
  }
  const auto meant = wire::decode(again);
  require(meant.has_value() && *meant == *message);
  if (const auto* response = std::get_if<wire::Response>(&*message)) check_within(*response, size);
  return 0;
}
