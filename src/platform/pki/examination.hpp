// What is asked of a process that examines certificates, and what it answers, as bytes. Both ends are this program, of
// one build; the one that asks takes the other's bytes for hostile all the same.
//
//   trust    u32 count of authorities, each u32 length and DER; then the revocation lists likewise
//   request  u8 kind, then blocks of u32 length and bytes: kDescribe certificate; kExamine i64 time, certificates;
//            kCheck certificate, bytes, signature
//   answer   u8 0, then what was asked for; or u8 error code + 1, and a block of words
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "platform/pki/examiner.hpp"
#include "platform/pki/trust_store.hpp"

namespace pki {

/// Of a request and of an answer.
inline constexpr std::size_t kMaxExamination = 64 << 10;

[[nodiscard]] base::Bytes encode_trust(const TrustStore& trust);
/// kMalformed, and what adding says.
[[nodiscard]] base::Result<TrustStore, Error> decode_trust(base::ByteView bytes);

[[nodiscard]] base::Bytes ask_to_describe(base::ByteView certificate);
[[nodiscard]] base::Bytes ask_to_examine(std::span<const base::ByteView> chain, Time now);
[[nodiscard]] base::Bytes ask_to_check(base::ByteView certificate, base::ByteView bytes, base::ByteView signature);

/// What `examiner` says to a request; one that is none is kMalformed.
[[nodiscard]] base::Bytes answer(Examiner& examiner, base::ByteView request);

/// The answers: what they say, or kNotExamined for one that says nothing.
[[nodiscard]] base::Result<Facts, Error> described(base::ByteView answer);
[[nodiscard]] base::Result<Examined, Error> examined(base::ByteView answer);
[[nodiscard]] base::Result<void, Error> checked(base::ByteView answer);

}  // namespace pki
