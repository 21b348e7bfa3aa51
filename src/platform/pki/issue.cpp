#include "platform/pki/issue.hpp"

#include <array>
#include <ctime>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <span>
#include <utility>

#include "platform/pki/limits.hpp"
#include "platform/pki/openssl.hpp"

namespace pki {

namespace {

constexpr std::size_t kMaxCommonName = 64;  // RFC 5280 appendix A.1, ub-common-name
constexpr int kSerialBytes = 16;            // RFC 5280 section 4.1.2.2 allows 20

using NumberPtr = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using IntegerPtr = std::unique_ptr<ASN1_INTEGER, Freed<ASN1_INTEGER_free>>;
using EntryPtr = std::unique_ptr<X509_REVOKED, Freed<X509_REVOKED_free>>;

std::unexpected<Error> unsuitable(std::string why) {
  return std::unexpected(Error{ErrorCode::kUnsuitable, std::move(why)});
}

std::unexpected<Error> failed(const std::string& what) {
  return std::unexpected(Error{ErrorCode::kRefused, what + ": " + last_words()});
}

/// Ed25519 digests by itself.
const EVP_MD* digest_of(const PrivateKey& key) {
  return key.kind() == KeyKind::kEd25519 ? nullptr : EVP_sha256();
}

bool set_serial(X509& x509) {
  std::array<unsigned char, kSerialBytes> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return false;
  bytes.front() = static_cast<unsigned char>((bytes.front() & 0x7fU) | 0x40U);  // positive, and of that many bytes
  const NumberPtr number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(&x509)) != nullptr;
}

bool set_dates(X509& x509, const Wanted& wanted) {
  const TimePtr from(ASN1_TIME_set(nullptr, wanted.not_before.time_since_epoch().count()));
  const TimePtr until(ASN1_TIME_set(nullptr, wanted.not_after.time_since_epoch().count()));
  return from && until && X509_set1_notBefore(&x509, from.get()) == 1 && X509_set1_notAfter(&x509, until.get()) == 1;
}

bool set_subject(X509& x509, const std::string& common_name) {
  X509_NAME* subject = X509_get_subject_name(&x509);
  return X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(common_name.data()),
                                    static_cast<int>(common_name.size()), -1, 0) == 1;
}

/// In the words of OpenSSL's configuration, in which ',' separates: DNS names that have one are refused before.
bool add_extension(X509& x509, X509& issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, &issuer, &x509, nullptr, nullptr, 0);
  X509V3_set_ctx_nodb(&context);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  const bool added = extension != nullptr && X509_add_ext(&x509, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

bool is_dns_name(const std::string& name) {
  return !name.empty() && name.size() < 254 && !base::Address::parse(name) &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._") ==
             std::string::npos;
}

std::string alternative_names(const Wanted& wanted) {
  std::string all;
  for (const std::string& name : wanted.dns_names) all += (all.empty() ? "DNS:" : ",DNS:") + name;
  for (const base::Address& address : wanted.addresses) all += (all.empty() ? "IP:" : ",IP:") + address.text();
  return all;
}

std::array<unsigned char, 16> octets_of(const base::Address& address) {
  base::Writer writer(16);
  writer.number(address.value(), base::octets(address.family()));
  std::array<unsigned char, 16> bytes{};
  std::ranges::copy(writer.view(), bytes.begin());
  return bytes;
}

unsigned afi_of(base::Family family) {
  return family == base::Family::kV4 ? IANA_AFI_IPV4 : IANA_AFI_IPV6;
}

bool add_blocks(X509& x509, const Wanted& wanted) {
  if (!wanted.blocks && !wanted.inherits_blocks) return true;
  const BlocksPtr all(sk_IPAddressFamily_new_null());
  if (!all) return false;
  bool fine = true;
  if (wanted.inherits_blocks) {
    for (const unsigned afi : {afi_of(base::Family::kV4), afi_of(base::Family::kV6)}) {
      fine = fine && X509v3_addr_add_inherit(all.get(), afi, nullptr) == 1;
    }
  } else {
    for (const base::AddressRange& range : wanted.blocks->ranges()) {
      auto first = octets_of(range.first);
      auto last = octets_of(range.last);
      fine = fine &&
             X509v3_addr_add_range(all.get(), afi_of(range.first.family()), nullptr, first.data(), last.data()) == 1;
    }
  }
  return fine && X509v3_addr_canonize(all.get()) == 1 &&
         X509_add1_ext_i2d(&x509, NID_sbgp_ipAddrBlock, all.get(), 1, X509V3_ADD_DEFAULT) == 1;
}

bool add_extensions(X509& x509, X509& issuer, const Wanted& wanted) {
  const bool is_root = &x509 == &issuer;
  const std::string names = alternative_names(wanted);
  const char* usage = wanted.is_authority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature";
  return add_extension(x509, issuer, NID_basic_constraints,
                       wanted.is_authority ? "critical,CA:TRUE" : "critical,CA:FALSE") &&
         add_extension(x509, issuer, NID_key_usage, usage) &&
         add_extension(x509, issuer, NID_subject_key_identifier, "hash") &&
         (is_root || add_extension(x509, issuer, NID_authority_key_identifier, "keyid:always")) &&
         (names.empty() || add_extension(x509, issuer, NID_subject_alt_name, names)) && add_blocks(x509, wanted);
}

base::Result<void, Error> check(const Wanted& wanted) {
  if (wanted.common_name.empty() || wanted.common_name.size() > kMaxCommonName) {
    return unsuitable("a name has 1 to " + std::to_string(kMaxCommonName) + " characters");
  }
  for (const std::string& name : wanted.dns_names) {
    if (!is_dns_name(name)) return unsuitable("'" + name + "' is not a DNS name");
  }
  if (wanted.not_after < wanted.not_before) return unsuitable("it would end before it begins");
  return {};
}

base::Result<Certificate, Error> made(const Wanted& wanted, const PrivateKey& key, const Certificate* authority,
                                      const PrivateKey& signer) {
  if (auto fine = check(wanted); !fine) return std::unexpected(std::move(fine).error());
  const X509Ptr x509(X509_new());
  if (!x509) return failed("no memory for a certificate");
  X509& issuer = authority == nullptr ? *x509 : *authority->handle();
  const bool fine = X509_set_version(x509.get(), X509_VERSION_3) == 1 && set_serial(*x509) &&
                    set_dates(*x509, wanted) && set_subject(*x509, wanted.common_name) &&
                    X509_set_issuer_name(x509.get(), X509_get_subject_name(&issuer)) == 1 &&
                    X509_set_pubkey(x509.get(), key.handle()) == 1 && add_extensions(*x509, issuer, wanted) &&
                    X509_sign(x509.get(), signer.handle(), digest_of(signer)) > 0;
  if (!fine) return failed("the certificate cannot be made");
  unsigned char* der = nullptr;
  const int length = i2d_X509(x509.get(), &der);
  auto certificate = Certificate::from_der({der, length > 0 ? static_cast<std::size_t>(length) : 0});
  OPENSSL_free(der);
  return certificate;
}

X509CrlPtr list_of(base::ByteView pem) {
  const BioPtr bio = reader_of(pem);
  X509CrlPtr list(bio ? PEM_read_bio_X509_CRL(bio.get(), nullptr, nullptr, nullptr) : nullptr);
  ERR_clear_error();
  return list;
}

/// An entry of a date that serial already has stays as it is.
bool add_entry(X509_CRL& list, const std::string& serial, Time now) {
  BIGNUM* raw = nullptr;
  if (BN_hex2bn(&raw, serial.c_str()) != static_cast<int>(serial.size()) || raw == nullptr) {
    BN_free(raw);
    return false;
  }
  const NumberPtr number(raw);
  const IntegerPtr integer(BN_to_ASN1_INTEGER(number.get(), nullptr));
  X509_REVOKED* known = nullptr;
  if (integer && X509_CRL_get0_by_serial(&list, &known, integer.get()) == 1) return true;
  const TimePtr date(ASN1_TIME_set(nullptr, now.time_since_epoch().count()));
  EntryPtr entry(X509_REVOKED_new());
  if (!integer || !date || !entry || X509_REVOKED_set_serialNumber(entry.get(), integer.get()) != 1 ||
      X509_REVOKED_set_revocationDate(entry.get(), date.get()) != 1 || X509_CRL_add0_revoked(&list, entry.get()) != 1) {
    return false;
  }
  entry.release();  // NOLINT(bugprone-unused-return-value): the list has it
  return true;
}

bool copy_entries(X509_CRL& to, X509_CRL& from) {
  const STACK_OF(X509_REVOKED)* entries = X509_CRL_get_REVOKED(&from);
  for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
    EntryPtr copy(X509_REVOKED_dup(sk_X509_REVOKED_value(entries, i)));
    if (!copy || X509_CRL_add0_revoked(&to, copy.get()) != 1) return false;
    copy.release();  // NOLINT(bugprone-unused-return-value): the list has it
  }
  return true;
}

bool set_number(X509_CRL& list, X509_CRL* before) {
  const IntegerPtr last(
      before == nullptr ? nullptr
                        : static_cast<ASN1_INTEGER*>(X509_CRL_get_ext_d2i(before, NID_crl_number, nullptr, nullptr)));
  const NumberPtr number(last ? ASN1_INTEGER_to_BN(last.get(), nullptr) : BN_new());
  if (!number || BN_add_word(number.get(), 1) != 1) return false;
  const IntegerPtr next(BN_to_ASN1_INTEGER(number.get(), nullptr));
  return next && X509_CRL_add1_ext_i2d(&list, NID_crl_number, next.get(), 0, X509V3_ADD_DEFAULT) == 1;
}

bool set_issuer(X509_CRL& list, const Certificate& authority, Time now, Time next) {
  const TimePtr from(ASN1_TIME_set(nullptr, now.time_since_epoch().count()));
  const TimePtr until(ASN1_TIME_set(nullptr, next.time_since_epoch().count()));
  X509V3_CTX context;
  X509V3_set_ctx(&context, authority.handle(), nullptr, nullptr, &list, 0);
  X509V3_set_ctx_nodb(&context);
  X509_EXTENSION* key_id = X509V3_EXT_conf_nid(nullptr, &context, NID_authority_key_identifier, "keyid:always");
  const bool fine = from && until && X509_CRL_set_version(&list, X509_CRL_VERSION_2) == 1 &&
                    X509_CRL_set_issuer_name(&list, X509_get_subject_name(authority.handle())) == 1 &&
                    X509_CRL_set1_lastUpdate(&list, from.get()) == 1 &&
                    X509_CRL_set1_nextUpdate(&list, until.get()) == 1 && key_id != nullptr &&
                    X509_CRL_add_ext(&list, key_id, -1) == 1;
  X509_EXTENSION_free(key_id);
  return fine;
}

}  // namespace

base::Result<Certificate, Error> issue(const Wanted& wanted, const PrivateKey& key, const Certificate& authority,
                                       const PrivateKey& authority_key) {
  if (!authority_key.belongs_to(authority)) return unsuitable("the key is not that of " + authority.subject());
  return made(wanted, key, &authority, authority_key);
}

base::Result<Certificate, Error> issue_root(const Wanted& wanted, const PrivateKey& key) {
  return made(wanted, key, nullptr, key);
}

base::Result<base::Bytes, Error> revoke(const Certificate& authority, const PrivateKey& authority_key,
                                        base::ByteView before, const std::vector<std::string>& serials, Time now,
                                        Time next) {
  const X509CrlPtr old = before.empty() ? nullptr : list_of(before);
  if (!before.empty() && !old) {
    return std::unexpected(Error{ErrorCode::kMalformed, "what is there is not a revocation list in PEM"});
  }
  if (old && X509_CRL_verify(old.get(), authority_key.handle()) != 1) {
    ERR_clear_error();
    return std::unexpected(
        Error{ErrorCode::kWrongSignature, "the list that is there is not of " + authority.subject()});
  }
  const X509CrlPtr list(X509_CRL_new());
  bool fine = list && set_issuer(*list, authority, now, next) && set_number(*list, old.get()) &&
              (!old || copy_entries(*list, *old));
  for (const std::string& serial : serials) fine = fine && add_entry(*list, serial, now);
  fine = fine && X509_CRL_sort(list.get()) == 1 &&
         X509_CRL_sign(list.get(), authority_key.handle(), digest_of(authority_key)) > 0;
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (!fine || !bio || PEM_write_bio_X509_CRL(bio.get(), list.get()) != 1) return failed("the list cannot be made");
  const base::ByteView bytes = written(*bio);
  return base::Bytes(bytes.begin(), bytes.end());
}

}  // namespace pki
