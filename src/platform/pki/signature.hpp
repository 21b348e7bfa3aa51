// Signatures of gateways outside of IKE.
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "platform/pki/certificate.hpp"
#include "platform/pki/error.hpp"

namespace pki {

/// The bytes were signed by PrivateKey::sign() with the certificate's key. It does not ask whether the certificate is
/// to be trusted: TrustStore::verify() does. kWrongSignature; kUnsuitable for a key that is neither ECDSA P-256 nor
/// Ed25519, or a certificate whose keyUsage is there and has no digitalSignature.
[[nodiscard]] base::Result<void, Error> verify_signature(const Certificate& certificate, base::ByteView bytes,
                                                         base::ByteView signature);

}  // namespace pki
