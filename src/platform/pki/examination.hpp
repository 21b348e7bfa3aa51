// What is asked of a process that examines certificates, and what it answers, as bytes. Both ends are this program, of
// one build; the one that asks takes the other's bytes for hostile all the same.
//
//   trust    u32 count of authorities, each u32 length and DER; then the revocation lists likewise
//   request  u8 type, u64 number, then blocks of u32 length and bytes: kDescribe certificate; kExamine i64 time,
//            certificates; kCheck certificate, bytes, signature
//   answer   u8 type, that number, then what was asked for; kFailed u8 error code, a block of words
//   start    u8 kReady, or u8 kUnfit and words up to the end
//
// No two messages have a type in common, and nothing may follow a message's last part.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
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

/// Tells a request from every other one of the same process.
using RequestNumber = std::uint64_t;

[[nodiscard]] base::Bytes ask_to_describe(RequestNumber number, base::ByteView certificate);
[[nodiscard]] base::Bytes ask_to_examine(RequestNumber number, std::span<const base::ByteView> chain, Time now);
[[nodiscard]] base::Bytes ask_to_check(RequestNumber number, base::ByteView certificate, base::ByteView bytes,
                                       base::ByteView signature);

/// What `examiner` says to a request; one that is none is kMalformed.
[[nodiscard]] base::Bytes answer(Examiner& examiner, base::ByteView request);

/// That it is an answer to this very request, going by its type and number. What is none must not be read as one.
[[nodiscard]] bool is_answer(base::ByteView answer, base::ByteView request);

/// The answers: what they say, or kNotExamined, which no answer says of itself, for one that says nothing.
[[nodiscard]] base::Result<Facts, Error> described(base::ByteView answer);
[[nodiscard]] base::Result<Examined, Error> examined(base::ByteView answer);
[[nodiscard]] base::Result<void, Error> checked(base::ByteView answer);

/// The first message of all: that it answers from now on, or why it never will.
[[nodiscard]] base::Bytes say_ready();
[[nodiscard]] base::Bytes say_unfit(std::string_view why);
/// The error is for people.
[[nodiscard]] base::Result<void, std::string> read_start(base::ByteView start);

}  // namespace pki
