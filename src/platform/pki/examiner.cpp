#include "platform/pki/examiner.hpp"

#include <utility>
#include <vector>

#include "platform/pki/certificate.hpp"
#include "platform/pki/signature.hpp"

namespace pki {

base::Result<Facts, Error> LocalExaminer::describe(base::ByteView certificate) {
  auto read = Certificate::from_der(certificate);
  if (!read) return std::unexpected(std::move(read).error());
  return read->facts();
}

base::Result<Examined, Error> LocalExaminer::examine(std::span<const base::ByteView> chain, Time now) {
  std::vector<Certificate> certificates;
  for (const base::ByteView one : chain) {
    auto read = Certificate::from_der(one);
    if (!read) return std::unexpected(std::move(read).error());
    certificates.push_back(*std::move(read));
  }
  auto verified = trust_.verify(certificates, now);
  if (!verified) return std::unexpected(std::move(verified).error());
  return Examined{certificates.front().facts(), *std::move(verified)};
}

base::Result<void, Error> LocalExaminer::check_signature(base::ByteView certificate, base::ByteView bytes,
                                                         base::ByteView signature) {
  const auto read = Certificate::from_der(certificate);
  if (!read) return std::unexpected(read.error());
  return verify_signature(*read, bytes, signature);
}

}  // namespace pki
