// Any bytes as a certificate: read whole or not at all, and what it says of its holder can be compared.
#include "platform/pki/certificate.hpp"

#include <vector>

#include "fuzz/fuzz.hpp"
#include "platform/pki/declared_blocks.hpp"
#include "platform/pki/limits.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<std::uint8_t> bytes(data, data + size);  // exactly that long
  const auto one = pki::Certificate::from_der(bytes);
  if (!one) return 0;
  require(size <= pki::kMaxCertificate && one->der() == bytes);
  require(!one->names().empty() && !one->key_kind().empty());
  for (const pki::Name& name : one->names()) {
    require(name.text.empty() || one->is_named(name.text));
    if (name.kind == pki::NameKind::kDns) require(!base::Address::parse(name.text).has_value());
  }
  const auto blocks = pki::declared_blocks(*one);
  if (!blocks || !*blocks) return 0;
  const base::AddressRange* before = nullptr;
  for (const base::AddressRange& range : (*blocks)->explicit_ones.ranges()) {
    require(range.first.family() == range.last.family() && range.first <= range.last);
    require(before == nullptr || before->last < range.first);
    before = &range;
  }
  return 0;
}
