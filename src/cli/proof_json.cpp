#include "cli/proof_json.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/hex.hpp"
#include "control/error.hpp"
#include "control/fields.hpp"
#include "platform/pki/certificate.hpp"

namespace cli {

namespace {

using control::Json;

std::unexpected<base::TextError> wrong(std::string message, std::string hint) {
  return std::unexpected(base::TextError{"the proof: " + std::move(message), std::move(hint)});
}

wire::ProofParts parts_of(const GivenProof& proof) {
  return {proof.time, proof.certificates, !proof.keyed_hash.empty()};
}

base::Bytes bytes_of(base::ByteView view) {
  return {view.begin(), view.end()};
}

Json hex_or_null(base::ByteView bytes) {
  return bytes.empty() ? Json() : Json(base::to_hex(bytes));
}

base::Result<base::Bytes, base::TextError> bytes_in(const char* name, const std::optional<std::string>& hex,
                                                    std::size_t length) {
  if (!hex) return base::Bytes{};
  auto bytes = base::from_hex(*hex);
  if (!bytes || bytes->size() != length) {
    return wrong("\"" + std::string(name) + "\" is none", std::to_string(length) + " bytes in hex");
  }
  return *std::move(bytes);
}

}  // namespace

GivenProof given(const wire::Proof& proof) {
  GivenProof kept{proof.time, {}, bytes_of(proof.signature), bytes_of(proof.keyed_hash)};
  for (std::size_t i = 0; i < proof.certificate_count; ++i) {
    kept.certificates.push_back(bytes_of(proof.certificates.at(i)));
  }
  return kept;
}

std::optional<std::string> signer_of(const GivenProof& proof) {
  if (proof.certificates.empty()) return std::nullopt;
  const auto first = pki::Certificate::from_der(proof.certificates.front());
  return first ? std::optional(first->subject()) : std::nullopt;
}

Json proof_json(const GivenProof& proof) {
  Json certificates = Json::array();
  for (const auto& certificate : proof.certificates) certificates.push(base::to_hex(certificate));
  Json json = Json::object();
  json.add("time", proof.time).add("certificates", std::move(certificates));
  json.add("signature", hex_or_null(proof.signature)).add("keyed_hash", hex_or_null(proof.keyed_hash));
  const auto signer = signer_of(proof);
  return json.add("signer", signer ? Json(*signer) : Json());
}

base::Result<GivenProof, base::TextError> proof_of(const Json& json) {
  GivenProof proof;
  std::vector<std::string> certificates;
  std::optional<std::string> signature;
  std::optional<std::string> keyed_hash;
  control::FieldReader field(json);
  field("time", proof.time);
  field("certificates", certificates);
  field("signature", signature);
  field("keyed_hash", keyed_hash);
  if (const auto& error = field.error()) return wrong(control::describe(*error).message, "see `tedctl decode`");
  for (const std::string& hex : certificates) {
    auto bytes = base::from_hex(hex);
    if (!bytes || bytes->empty()) return wrong("a certificate is no hex", "DER in hex");
    proof.certificates.push_back(*std::move(bytes));
  }
  if (proof.certificates.size() > wire::kMaxCertificates) {
    return wrong("too many certificates", "at most " + std::to_string(wire::kMaxCertificates));
  }
  TED_TRY(proof.signature, bytes_in("signature", signature, wire::Signature{}.size()));
  TED_TRY(proof.keyed_hash, bytes_in("keyed_hash", keyed_hash, wire::KeyedHash{}.size()));
  if (proof.signature.empty() != proof.certificates.empty()) {
    return wrong("certificates and signature go together", "give both or neither");
  }
  if (proof.signature.empty() && proof.keyed_hash.empty()) {
    return wrong("it proves nothing", "give a signature, a keyed hash, or no proof");
  }
  return proof;
}

std::size_t length_of(const GivenProof& proof) {
  return wire::proof_length(parts_of(proof));
}

base::Bytes with_proof(base::Bytes datagram, const GivenProof& proof) {
  wire::ProofWriter writer(std::move(datagram), parts_of(proof));
  if (!proof.signature.empty()) {
    wire::Signature signature{};
    std::ranges::copy(proof.signature, signature.begin());
    writer.put(signature);
  }
  if (!proof.keyed_hash.empty()) {
    wire::KeyedHash hash{};
    std::ranges::copy(proof.keyed_hash, hash.begin());
    writer.put(hash);
  }
  return std::move(writer).take();
}

}  // namespace cli
