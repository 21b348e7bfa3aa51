// OpenSSL's objects, owned. Only the sources of this folder see it.
#pragma once

#include <memory>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "platform/pki/facts.hpp"

namespace pki {

template <auto kFree>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};

inline void free_blocks(IPAddrBlocks* blocks) {
  sk_IPAddressFamily_pop_free(blocks, IPAddressFamily_free);
}
inline void free_list(STACK_OF(X509) * list) {
  sk_X509_free(list);
}

using BioPtr = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using KeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using DigestPtr = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using X509Ptr = std::unique_ptr<X509, Freed<X509_free>>;
using X509CrlPtr = std::unique_ptr<X509_CRL, Freed<X509_CRL_free>>;
using X509ListPtr = std::unique_ptr<STACK_OF(X509), Freed<free_list>>;
using StoreContextPtr = std::unique_ptr<X509_STORE_CTX, Freed<X509_STORE_CTX_free>>;
using NamesPtr = std::unique_ptr<GENERAL_NAMES, Freed<GENERAL_NAMES_free>>;
using BlocksPtr = std::unique_ptr<IPAddrBlocks, Freed<free_blocks>>;
using EcdsaPtr = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>>;
using TimePtr = std::unique_ptr<ASN1_TIME, Freed<ASN1_STRING_free>>;

/// A BIO that reads those bytes, which must outlive it; null when memory ran out.
[[nodiscard]] BioPtr reader_of(base::ByteView bytes);
/// What was written into a memory BIO.
[[nodiscard]] base::ByteView written(BIO& bio);
/// The oldest error of this thread in OpenSSL's words; the others are forgotten with it.
[[nodiscard]] std::string last_words();
/// Nothing for a date that is none.
[[nodiscard]] std::optional<Time> time_of(const ASN1_TIME* time);
/// An elliptic-curve key on P-256 (prime256v1).
[[nodiscard]] bool is_p256(const EVP_PKEY& key);
/// How charon prints a distinguished name: `C=CH, O=Example, CN=gw-a.example`.
[[nodiscard]] std::string text_of(const X509_NAME* name);

}  // namespace pki
