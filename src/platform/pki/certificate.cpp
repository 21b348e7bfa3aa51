#include "platform/pki/certificate.hpp"

#include <algorithm>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <optional>
#include <utility>

#include "platform/pki/file.hpp"
#include "platform/pki/limits.hpp"
#include "platform/pki/openssl.hpp"

namespace pki {

struct Certificate::Parsed {
  X509Ptr x509;
  base::Bytes der;
  std::string serial;
  Facts facts;
};

namespace {

std::unexpected<Error> malformed(std::string why) {
  return std::unexpected(Error{ErrorCode::kMalformed, std::move(why)});
}

constexpr std::uint8_t kSequence = 0x30;  // a certificate in DER begins so, and PEM never

base::Result<std::vector<Certificate>, Error> alone(base::Result<Certificate, Error> one) {
  if (!one) return std::unexpected(std::move(one).error());
  return std::vector{*std::move(one)};
}

std::string serial_of(const X509& x509) {
  const ASN1_INTEGER* serial = X509_get0_serialNumber(&x509);
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (int i = 0; i < ASN1_STRING_length(serial); ++i) {
    const unsigned char byte = ASN1_STRING_get0_data(serial)[i];
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  return text;
}

bool is_dns_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

std::string_view bytes_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::optional<Name> name_of(const GENERAL_NAME& general) {
  int kind = 0;
  const auto* text = static_cast<const ASN1_STRING*>(GENERAL_NAME_get0_value(&general, &kind));
  if (kind != GEN_DNS && kind != GEN_IPADD) return std::nullopt;
  const std::string_view bytes = bytes_of(text);
  if (kind == GEN_DNS) {
    if (bytes.empty() || !std::ranges::all_of(bytes, is_dns_character) || base::Address::parse(bytes))
      return std::nullopt;
    return Name{NameKind::kDns, std::string(bytes)};
  }
  base::Reader reader({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  if (bytes.size() == 4) return Name{NameKind::kAddress, base::Address(base::Family::kV4, reader.number(4)).text()};
  if (bytes.size() == 16) return Name{NameKind::kAddress, base::Address(base::Family::kV6, reader.number(16)).text()};
  return std::nullopt;
}

std::vector<Name> names_of(const X509& x509, const std::string& subject) {
  std::vector<Name> names;
  const NamesPtr all(static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&x509, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; all && i < sk_GENERAL_NAME_num(all.get()); ++i) {
    if (auto name = name_of(*sk_GENERAL_NAME_value(all.get(), i))) names.push_back(*std::move(name));
  }
  names.push_back({NameKind::kSubject, subject});
  return names;
}

}  // namespace

base::Result<Certificate, Error> Certificate::from_der(base::ByteView der) {
  if (der.size() > kMaxCertificate) {
    return std::unexpected(Error{ErrorCode::kTooLarge, "a certificate of " + std::to_string(der.size()) +
                                                           " bytes; one has at most " +
                                                           std::to_string(kMaxCertificate)});
  }
  auto parsed = std::make_shared<Parsed>();
  const unsigned char* at = der.data();
  parsed->x509.reset(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (!parsed->x509) return malformed("not a certificate: " + last_words());
  if (at != der.data() + der.size()) return malformed("not a certificate alone: bytes stand behind it");
  X509& x509 = *parsed->x509;
  // Reads all extensions that OpenSSL knows; what is wrong with one is remembered in the flags.
  if (X509_check_purpose(&x509, -1, 0) != 1 || (X509_get_extension_flags(&x509) & EXFLAG_INVALID) != 0) {
    ERR_clear_error();
    return malformed("a certificate with damaged extensions");
  }
  const auto not_before = time_of(X509_get0_notBefore(&x509));
  const auto not_after = time_of(X509_get0_notAfter(&x509));
  if (!not_before || !not_after) return malformed("a certificate with an unreadable date");
  parsed->der.assign(der.begin(), der.end());
  parsed->serial = serial_of(x509);
  Facts& facts = parsed->facts;
  facts.subject = text_of(X509_get_subject_name(&x509));
  facts.issuer = text_of(X509_get_issuer_name(&x509));
  facts.names = names_of(x509, facts.subject);
  facts.not_before = *not_before;
  facts.not_after = *not_after;
  return Certificate(std::move(parsed));
}

base::Result<std::vector<Certificate>, Error> Certificate::all_from_pem(base::ByteView pem) {
  const BioPtr bio = reader_of(pem);
  if (!bio) return malformed("no memory for it");
  std::vector<Certificate> all;
  char* label = nullptr;
  char* header = nullptr;
  unsigned char* der = nullptr;
  long length = 0;
  while (PEM_read_bio(bio.get(), &label, &header, &der, &length) == 1) {
    const bool is_certificate = std::string_view(label) == PEM_STRING_X509;
    auto one = is_certificate ? from_der({der, static_cast<std::size_t>(length)}) : malformed("");
    OPENSSL_free(label);
    OPENSSL_free(header);
    OPENSSL_clear_free(der, static_cast<std::size_t>(length));  // what is skipped may be a key
    if (!is_certificate) continue;
    if (!one) return std::unexpected(std::move(one).error());
    if (all.size() >= kMaxAuthorities) {
      return std::unexpected(
          Error{ErrorCode::kTooLarge, "more than " + std::to_string(kMaxAuthorities) + " certificates"});
    }
    all.push_back(*std::move(one));
  }
  const auto reason = ERR_GET_REASON(ERR_peek_last_error());
  ERR_clear_error();
  if (reason != PEM_R_NO_START_LINE) return malformed("damaged PEM");
  if (all.empty()) return malformed("no certificate in it (PEM begins with -----BEGIN CERTIFICATE-----)");
  return all;
}

base::Result<std::vector<Certificate>, Error> Certificate::load(const std::string& path) {
  TED_TRY(const Secret bytes, read_file(path, kMaxFile, Access::kAnybody));
  const bool is_der = !bytes.view().empty() && bytes.view().front() == kSequence;
  auto all = is_der ? alone(from_der(bytes.view())) : all_from_pem(bytes.view());
  if (!all) return std::unexpected(Error{all.error().code, path + ": " + all.error().message});
  return all;
}

const base::Bytes& Certificate::der() const {
  return parsed_->der;
}
const std::string& Certificate::serial() const {
  return parsed_->serial;
}
const Facts& Certificate::facts() const {
  return parsed_->facts;
}
x509_st* Certificate::handle() const {
  return parsed_->x509.get();
}

// Of the bytes that were read: OpenSSL would write anew what was not in the shortest form, and that is another one.
base::Bytes Certificate::pem() const {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (!bio || PEM_write_bio(bio.get(), PEM_STRING_X509, "", der().data(), static_cast<long>(der().size())) <= 0)
    return {};
  const base::ByteView bytes = written(*bio);
  return {bytes.begin(), bytes.end()};
}

bool Certificate::is_authority() const {
  return X509_check_ca(handle()) == 1;
}

std::string Certificate::key_kind() const {
  EVP_PKEY* key = X509_get0_pubkey(handle());
  if (key == nullptr) return "unknown";
  if (EVP_PKEY_is_a(key, "ED25519") == 1) return "Ed25519";
  if (EVP_PKEY_is_a(key, "RSA") == 1) return "RSA " + std::to_string(EVP_PKEY_get_bits(key));
  if (is_p256(*key)) return "ECDSA P-256";
  if (EVP_PKEY_is_a(key, "EC") == 1) return "ECDSA of " + std::to_string(EVP_PKEY_get_bits(key)) + " bits";
  const char* name = EVP_PKEY_get0_type_name(key);
  return name == nullptr ? "unknown" : name;
}

}  // namespace pki
