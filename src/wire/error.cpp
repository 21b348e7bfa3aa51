#include "wire/error.hpp"

#include <array>

namespace wire {

namespace {

constexpr std::array<std::string_view, kErrorCount> kNames{
    "datagram_too_long",
    "truncated_header",
    "not_isakmp_v1",
    "unknown_exchange",
    "flags_set",
    "message_id_set",
    "zero_initiator_cookie",
    "responder_cookie_set",
    "zero_responder_cookie",
    "length_too_small",
    "truncated_datagram",
    "trailing_bytes",
    "too_many_payloads",
    "truncated_payload",
    "payload_too_short",
    "reserved_set",
    "too_many_ids",
    "id_length",
    "id_type_unsupported",
    "id_not_an_address",
    "id_protocol_set",
    "id_port_set",
    "vendor_length",
    "duplicate_vendor",
    "summary_length",
    "summary_version",
    "summary_ip_version",
    "summary_protocol",
    "summary_reserved_set",
    "summary_ports",
    "duplicate_summary",
    "summary_in_response",
    "response_length",
    "response_version",
    "response_ip_version",
    "response_reserved_set",
    "response_ports",
    "duplicate_response",
    "response_in_probe",
    "offer_length",
    "offer_version",
    "offer_ip_version",
    "offer_reserved_set",
    "offer_count",
    "offer_address",
    "offer_ports",
    "duplicate_offer",
    "offer_in_probe",
    "offer_alone",
    "proof_length",
    "duplicate_proof",
    "proof_order",
    "too_many_certificates",
    "certificate_encoding",
    "signature_length",
    "keyed_hash_length",
    "proof_incomplete",
    "missing_id",
    "missing_half_proxy",
    "half_proxy_family",
};
static_assert(!kNames.back().empty());

}  // namespace

std::string_view name(Error error) {
  const auto index = static_cast<std::size_t>(error);
  return index < kNames.size() ? kNames[index] : "unknown_error";
}

}  // namespace wire
