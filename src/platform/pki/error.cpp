#include "platform/pki/error.hpp"

namespace pki {

std::string_view name(ErrorCode code) {
  switch (code) {
    case ErrorCode::kUnreadable: return "unreadable";
    case ErrorCode::kOpenToOthers: return "open-to-others";
    case ErrorCode::kTooLarge: return "too-large";
    case ErrorCode::kMalformed: return "malformed";
    case ErrorCode::kUnsuitable: return "unsuitable";
    case ErrorCode::kExpired: return "expired";
    case ErrorCode::kNotYetValid: return "not-yet-valid";
    case ErrorCode::kUnknownIssuer: return "unknown-issuer";
    case ErrorCode::kRevoked: return "revoked";
    case ErrorCode::kRevocationsStale: return "revocations-stale";
    case ErrorCode::kBlocksMissing: return "blocks-missing";
    case ErrorCode::kBlocksOutside: return "blocks-outside";
    case ErrorCode::kWrongSignature: return "wrong-signature";
    case ErrorCode::kRefused: return "refused";
    case ErrorCode::kNotExamined: return "not-examined";
  }
  return "refused";
}

}  // namespace pki
