#include "wire/proof.hpp"

#include <algorithm>
#include <utility>

#include "wire/vendor.hpp"

namespace wire {

namespace {

constexpr std::size_t kFirstPayloadAt = 16;
constexpr std::size_t kHeaderLengthAt = 24;

// Where the type of a payload behind the last one would stand.
std::size_t last_next_field(base::ByteView datagram) {
  std::size_t field = kFirstPayloadAt;
  std::size_t at = kHeaderLength;
  while (datagram[field] != 0) {
    field = at;
    at += base::load<std::uint16_t>(datagram.subspan(at + 2).first<2>());
  }
  return field;
}

}  // namespace

Proof proof_in(base::ByteView datagram, std::size_t proof_at) {
  Proof proof;
  // The chain from there on, as if it were a datagram's whole: its form has been checked.
  ChainReader chain(datagram.subspan(proof_at - kHeaderLength), static_cast<std::uint8_t>(PayloadType::kVendor));
  Payload payload;
  DecodeError error;
  while (!chain.done() && chain.next(payload, error)) {
    const auto ahead = datagram.first(static_cast<std::size_t>(payload.body.data() - datagram.data()));
    switch (kind_of(payload)) {
      case Kind::kProof: proof.time = base::load<std::uint64_t>(payload.body.subspan(kHashLength).first<8>()); break;
      case Kind::kCertificate:
        if (proof.certificate_count < kMaxCertificates) {
          proof.certificates[proof.certificate_count++] = payload.body.subspan(1);
        }
        break;
      case Kind::kSignature:
        proof.signature = payload.body;
        proof.signed_part = ahead;
        break;
      case Kind::kKeyedHash:
        proof.keyed_hash = payload.body;
        proof.hashed_part = ahead;
        break;
      default: break;
    }
  }
  return proof;
}

std::size_t proof_length(const ProofParts& parts) {
  std::size_t length = kProofLength + (parts.has_keyed_hash ? kKeyedHashLength : 0);
  for (const base::Bytes& certificate : parts.certificates) length += kCertificateFixedLength + certificate.size();
  return length + (parts.certificates.empty() ? 0 : kSignatureLength);
}

ProofWriter::ProofWriter(base::Bytes datagram, const ProofParts& parts)
    : bytes_(std::move(datagram)),
      at_(bytes_.size()),
      next_field_(last_next_field(bytes_)),
      hash_follows_(parts.has_keyed_hash) {
  bytes_.resize(at_ + proof_length(parts));
  base::store(static_cast<std::uint32_t>(bytes_.size()), std::span(bytes_).subspan(kHeaderLengthAt).first<4>());
  begin(PayloadType::kVendor, kProofLength);
  std::ranges::copy(kProofHash, std::span(bytes_).subspan(at_).begin());
  at_ += kHashLength;
  base::store(parts.time, std::span(bytes_).subspan(at_).first<8>());
  at_ += sizeof parts.time;
  for (const base::Bytes& certificate : parts.certificates) {
    begin(PayloadType::kCertificate, kCertificateFixedLength + certificate.size());
    bytes_[at_++] = kX509Signature;
    std::ranges::copy(certificate, std::span(bytes_).subspan(at_).begin());
    at_ += certificate.size();
  }
  const bool is_signed = !parts.certificates.empty();
  if (is_signed) begin(PayloadType::kSignature, kSignatureLength);
  if (hash_follows_ && !is_signed) begin(PayloadType::kHash, kKeyedHashLength);
  // The signature covers its own generic header, and so that the keyed hash follows.
  if (is_signed && hash_follows_) bytes_[next_field_] = static_cast<std::uint8_t>(PayloadType::kHash);
}

void ProofWriter::begin(PayloadType type, std::size_t length) {
  bytes_[next_field_] = static_cast<std::uint8_t>(type);
  next_field_ = at_;
  base::store(static_cast<std::uint16_t>(length), std::span(bytes_).subspan(at_ + 2).first<2>());
  at_ += kPayloadHeaderLength;
}

void ProofWriter::put_bytes(base::ByteView bytes) {
  std::ranges::copy(bytes, std::span(bytes_).subspan(at_).begin());
  at_ += bytes.size();
  if (at_ < bytes_.size()) begin(PayloadType::kHash, kKeyedHashLength);
}

}  // namespace wire
