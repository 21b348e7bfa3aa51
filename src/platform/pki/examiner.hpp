// Who reads the certificates and signatures of strangers: this process, or one that can do nothing else.
#pragma once

#include <span>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "platform/pki/error.hpp"
#include "platform/pki/facts.hpp"
#include "platform/pki/trust_store.hpp"

namespace pki {

/// A certificate that was found to be trusted.
struct Examined {
  Facts facts;
  Verified verified;
};

class Examiner {
 public:
  virtual ~Examiner() = default;
  /// What the certificate in DER says, trusted or not. As Certificate::from_der(), and kNotExamined.
  [[nodiscard]] virtual base::Result<Facts, Error> describe(base::ByteView certificate) = 0;
  /// As TrustStore::verify(), of certificates in DER, the holder's first; kMalformed, and kNotExamined.
  [[nodiscard]] virtual base::Result<Examined, Error> examine(std::span<const base::ByteView> chain, Time now) = 0;
  /// As verify_signature(), by the key of a certificate in DER; kMalformed, and kNotExamined.
  [[nodiscard]] virtual base::Result<void, Error> check_signature(base::ByteView certificate, base::ByteView bytes,
                                                                  base::ByteView signature) = 0;
};

/// In this process, by a trust store that lives longer.
class LocalExaminer final : public Examiner {
 public:
  explicit LocalExaminer(const TrustStore& trust) : trust_(trust) {}

  [[nodiscard]] base::Result<Facts, Error> describe(base::ByteView certificate) override;
  [[nodiscard]] base::Result<Examined, Error> examine(std::span<const base::ByteView> chain, Time now) override;
  [[nodiscard]] base::Result<void, Error> check_signature(base::ByteView certificate, base::ByteView bytes,
                                                          base::ByteView signature) override;

 private:
  const TrustStore& trust_;
};

}  // namespace pki
