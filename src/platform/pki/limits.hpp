// Bounds of what is read from files and from peers.
#pragma once

#include <cstddef>

namespace pki {

/// Of one certificate in DER: a peer's travels in a datagram of at most 4096 bytes.
inline constexpr std::size_t kMaxCertificate = 4096;
/// From a gateway's certificate up to an authority that we trust, both counted.
inline constexpr std::size_t kMaxChain = 4;
/// In one file, and in one trust store.
inline constexpr std::size_t kMaxAuthorities = 64;
/// Of a file with certificates or keys.
inline constexpr std::size_t kMaxFile = 512 << 10;
/// Of a file with revocation lists: a hundred thousand entries.
inline constexpr std::size_t kMaxRevocations = 8 << 20;
/// In bits, of an RSA key.
inline constexpr int kMinRsa = 2048;

}  // namespace pki
