// Any bytes as a peer's certificate, and as its signature: read whole or not at all, and never trusted.
#include <algorithm>
#include <string>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

#include "fuzz/fuzz.hpp"
#include "platform/pki/certificate.hpp"
#include "platform/pki/declared_blocks.hpp"
#include "platform/pki/limits.hpp"
#include "platform/pki/signature.hpp"
#include "platform/pki/trust_store.hpp"

namespace {

// What is printed of it, and told in IKE.
void check_told(const pki::Certificate& one) {
  require(one.is_named(one.ike_name(std::vector{*base::Address::parse("192.0.2.1")}).text) || one.subject().empty());
  require(one.serial().size() % 2 == 0 && one.issuer().size() <= pki::kMaxCertificate * 4);
  require(!pki::text(one.not_before()).empty() && !pki::text(one.not_after()).empty());
  require(!one.is_authority() || one.handle() != nullptr);
  const auto again = pki::Certificate::all_from_pem(one.pem());
  require(again.has_value() && again->size() == 1 && again->front() == one);
}

void check_names(const pki::Certificate& one) {
  require(!one.names().empty() && !one.key_kind().empty());
  for (const pki::Name& name : one.names()) {
    require(name.text.empty() || one.is_named(name.text));
    if (name.kind == pki::NameKind::kDns) require(!base::Address::parse(name.text).has_value());
  }
}

void check_blocks(const pki::Certificate& one) {
  const auto blocks = pki::declared_blocks(one);
  if (!blocks || !*blocks) return;
  const base::AddressRange* before = nullptr;
  for (const base::AddressRange& range : (*blocks)->explicit_ones.ranges()) {
    require(range.first.family() == range.last.family() && range.first <= range.last);
    require(before == nullptr || before->last < range.first);
    before = &range;
  }
}

}  // namespace

namespace {

// As a file's content: the same certificates as from its bytes.
void check_file(const std::vector<std::uint8_t>& bytes) {
  const int file = ::memfd_create("certificates", 0);
  if (file < 0) return;
  if (::write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size())) {
    const auto loaded = pki::Certificate::load("/proc/self/fd/" + std::to_string(file));
    const bool is_known = pki::Certificate::from_der(bytes) || pki::Certificate::all_from_pem(bytes);
    require(!loaded || is_known);
  }
  ::close(file);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const pki::TrustStore nobody;
  const std::vector<std::uint8_t> bytes(data, data + size);  // exactly that long
  check_file(bytes);
  if (const auto some = pki::Certificate::all_from_pem(bytes)) {
    require(!some->empty());
    for (const pki::Certificate& each : *some) require(pki::Certificate::from_der(each.der()) == each);
  }
  const auto one = pki::Certificate::from_der(bytes);
  if (!one) {
    require(!one.error().message.empty());
    return 0;
  }
  require(size <= pki::kMaxCertificate && one->der() == bytes);
  check_told(*one);
  check_names(*one);
  check_blocks(*one);
  require(!nobody.verify(std::vector{*one}, pki::Time{}));
  require(!pki::verify_signature(*one, bytes, base::ByteView(bytes).first(std::min<std::size_t>(size, 64))));
  return 0;
}
