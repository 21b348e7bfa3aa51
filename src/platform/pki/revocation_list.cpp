#include "platform/pki/revocation_list.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <utility>

#include "platform/pki/file.hpp"
#include "platform/pki/limits.hpp"

namespace pki {

base::Result<std::vector<X509CrlPtr>, Error> load_revocation_lists(const std::string& path) {
  TED_TRY(const Secret bytes, read_file(path, kMaxRevocations, Access::kAnybody));
  std::vector<X509CrlPtr> all;
  const unsigned char* at = bytes.view().data();
  if (X509CrlPtr alone(d2i_X509_CRL(nullptr, &at, static_cast<long>(bytes.view().size()))); alone) {
    all.push_back(std::move(alone));
    return all;
  }
  ERR_clear_error();
  const BioPtr bio = reader_of(bytes.view());
  while (bio && all.size() <= kMaxAuthorities) {
    X509CrlPtr one(PEM_read_bio_X509_CRL(bio.get(), nullptr, nullptr, nullptr));
    if (!one) break;
    all.push_back(std::move(one));
  }
  const auto reason = ERR_GET_REASON(ERR_peek_last_error());
  ERR_clear_error();
  if (all.size() > kMaxAuthorities) {
    return std::unexpected(Error{ErrorCode::kTooLarge, path + " has too many revocation lists"});
  }
  if (all.empty() || reason != PEM_R_NO_START_LINE) {
    return std::unexpected(Error{ErrorCode::kMalformed, path + " is not a file of revocation lists (PEM begins with " +
                                                            "-----BEGIN X509 CRL-----), or a damaged one"});
  }
  return all;
}

base::Bytes der_of(const X509_CRL& list) {
  unsigned char* der = nullptr;
  const int length = i2d_X509_CRL(&list, &der);
  base::Bytes bytes;
  if (length > 0) bytes.assign(der, der + length);
  OPENSSL_free(der);
  return bytes;
}

}  // namespace pki
