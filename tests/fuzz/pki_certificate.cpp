// Any bytes as a peer's certificate, and as its signature: read or refused, never trusted.
#include <algorithm>
#include <span>
#include <vector>

#include "fuzz/fuzz.hpp"
#include "platform/pki/certificate.hpp"
#include "platform/pki/declared_blocks.hpp"
#include "platform/pki/signature.hpp"
#include "platform/pki/trust_store.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const pki::TrustStore nobody;
  const base::ByteView bytes(data, size);
  const auto certificate = pki::Certificate::from_der(bytes);
  if (!certificate) {
    require(!certificate.error().message.empty());
    return 0;
  }
  require(std::ranges::equal(certificate->der(), bytes));
  for (const pki::Name& name : certificate->names()) require(certificate->is_named(name.text));
  require(!certificate->ike_name({}).text.empty() || certificate->subject().empty());
  if (const auto blocks = pki::declared_blocks(*certificate); blocks && *blocks) {
    for (const base::Prefix& prefix : (*blocks)->explicit_ones.prefixes())
      require((*blocks)->explicit_ones.covers(prefix));
  }
  const std::vector<pki::Certificate> chain{*certificate};
  require(!nobody.verify(chain, pki::Time{}));
  require(!pki::verify_signature(*certificate, bytes, bytes.first(std::min<std::size_t>(size, 64))));
  return 0;
}
