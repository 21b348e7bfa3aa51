#include "platform/pki/trust_store.hpp"

#include <algorithm>
#include <functional>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <utility>

#include "platform/pki/declared_blocks.hpp"
#include "platform/pki/limits.hpp"
#include "platform/pki/openssl.hpp"
#include "platform/pki/revocation_list.hpp"

namespace pki {

namespace {

using StorePtr = std::unique_ptr<X509_STORE, Freed<X509_STORE_free>>;

/// In bits: RSA of 2048, SHA-256; what NIST SP 800-57 calls 112.
constexpr int kSecurityLevel = 2;

Error fault(ErrorCode code, const Certificate& of, std::string_view what) {
  return {code, "the certificate of " + of.subject() + " " + std::string(what)};
}

ErrorCode code_of(int error) {
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED: return ErrorCode::kExpired;
    case X509_V_ERR_CERT_NOT_YET_VALID: return ErrorCode::kNotYetValid;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN: return ErrorCode::kUnknownIssuer;
    case X509_V_ERR_CERT_REVOKED: return ErrorCode::kRevoked;
    case X509_V_ERR_CRL_HAS_EXPIRED:
    case X509_V_ERR_CRL_NOT_YET_VALID:
    case X509_V_ERR_UNABLE_TO_GET_CRL: return ErrorCode::kRevocationsStale;
    case X509_V_ERR_CERT_SIGNATURE_FAILURE: return ErrorCode::kWrongSignature;
    case X509_V_ERR_UNNESTED_RESOURCE: return ErrorCode::kBlocksOutside;
    case X509_V_ERR_CERT_CHAIN_TOO_LONG: return ErrorCode::kTooLarge;
    default: return ErrorCode::kRefused;
  }
}

std::string words(ErrorCode code, int error, const Certificate& of) {
  switch (code) {
    case ErrorCode::kExpired: return "has expired on " + text(of.not_after());
    case ErrorCode::kNotYetValid: return "is not valid before " + text(of.not_before());
    case ErrorCode::kUnknownIssuer: return "is of no authority that we trust: its issuer is " + of.issuer();
    case ErrorCode::kRevoked: return "has been revoked by " + of.issuer();
    case ErrorCode::kRevocationsStale:
      return "cannot be judged: the revocation list of " + of.issuer() + " is not of today (have it written anew)";
    case ErrorCode::kWrongSignature: return "is not signed by " + of.issuer();
    case ErrorCode::kBlocksOutside: return "has address blocks outside of those of " + of.issuer();
    case ErrorCode::kTooLarge: return "is too far from an authority";
    default: return std::string("is refused: ") + X509_verify_cert_error_string(error);
  }
}

/// What it may speak for under what the authority above it may; nothing in `above` where that says nothing.
base::Result<std::optional<base::AddressSet>, Error> under(const Certificate& certificate, bool is_root,
                                                           const std::optional<base::AddressSet>& above) {
  TED_TRY(const auto declared, declared_blocks(certificate));
  if (!declared) return std::nullopt;
  const bool inherits = declared->inherits_v4 || declared->inherits_v6;
  if (is_root) {
    if (inherits) {
      return std::unexpected(
          fault(ErrorCode::kBlocksMissing, certificate, "inherits address blocks, and nobody is above it"));
    }
    return declared->explicit_ones;
  }
  if (!above) {
    return std::unexpected(fault(ErrorCode::kBlocksMissing, certificate,
                                 "has address blocks, and its issuer " + certificate.issuer() + " has none to give"));
  }
  if (!above->covers(declared->explicit_ones)) {
    return std::unexpected(fault(ErrorCode::kBlocksOutside, certificate,
                                 "has address blocks (" + declared->explicit_ones.text() + ") outside of those of " +
                                     certificate.issuer() + " (" + above->text() + ")"));
  }
  base::AddressSet all = declared->explicit_ones;
  for (const base::AddressRange& range : above->ranges()) {
    if (range.first.family() == base::Family::kV4 ? declared->inherits_v4 : declared->inherits_v6) all.add(range);
  }
  return all;
}

}  // namespace

struct TrustStore::Inside {
  StorePtr store{X509_STORE_new()};
  std::vector<Certificate> authorities;
  std::vector<base::Bytes> revocation_lists;
  std::vector<X509CrlPtr> lists;

  /// There is a list of that certificate's issuer.
  [[nodiscard]] bool has_list_for(const X509& x509) const {
    return std::ranges::any_of(lists, [&x509](const X509CrlPtr& list) {
      return X509_NAME_cmp(X509_CRL_get_issuer(list.get()), X509_get_issuer_name(&x509)) == 0;
    });
  }

  /// The first day on which a list about one of them is old; the latest day that there is when there is no list.
  [[nodiscard]] Time lists_end(const std::vector<Certificate>& path) const {
    Time end = Time::max();
    for (const X509CrlPtr& list : lists) {
      const bool is_about_one = std::ranges::any_of(path, [&list](const Certificate& one) {
        return X509_NAME_cmp(X509_CRL_get_issuer(list.get()), X509_get_issuer_name(one.handle())) == 0;
      });
      const auto next = time_of(X509_CRL_get0_nextUpdate(list.get()));
      if (is_about_one && next) end = std::min(end, *next);
    }
    return end;
  }

  [[nodiscard]] base::Result<void, Error> add(X509CrlPtr list, const std::string& path) {
    const std::string issuer = text_of(X509_CRL_get_issuer(list.get()));
    bool is_known = false;
    const bool is_signed = std::ranges::any_of(authorities, [&](const Certificate& authority) {
      if (X509_NAME_cmp(X509_CRL_get_issuer(list.get()), X509_get_subject_name(authority.handle())) != 0) return false;
      is_known = true;
      return X509_CRL_verify(list.get(), X509_get0_pubkey(authority.handle())) == 1;
    });
    ERR_clear_error();
    if (!is_known) {
      return std::unexpected(Error{ErrorCode::kUnknownIssuer, path + " is a revocation list of " + issuer +
                                                                  ", which is no authority that we trust"});
    }
    if (!is_signed || X509_STORE_add_crl(store.get(), list.get()) != 1) {
      return std::unexpected(Error{ErrorCode::kWrongSignature, path + " is not signed by " + issuer});
    }
    revocation_lists.push_back(der_of(*list));
    lists.push_back(std::move(list));
    return {};
  }
};

namespace {

// OpenSSL wants a list of every authority, or of none. An authority that never revokes need not have one.
int judge(int fine, X509_STORE_CTX* context) {
  if (fine == 1 || X509_STORE_CTX_get_error(context) != X509_V_ERR_UNABLE_TO_GET_CRL) return fine;
  const auto* has_list = static_cast<const std::function<bool(const X509&)>*>(X509_STORE_CTX_get_app_data(context));
  const X509* current = X509_STORE_CTX_get_current_cert(context);
  if (current == nullptr || (*has_list)(*current)) return 0;
  X509_STORE_CTX_set_error(context, X509_V_OK);
  return 1;
}

/// From the holder up, the authority included.
using Path = std::vector<Certificate>;

base::Result<Path, Error> path_of(X509_STORE_CTX& context) {
  Path path;
  const STACK_OF(X509)* chain = X509_STORE_CTX_get0_chain(&context);
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    unsigned char* der = nullptr;
    const int length = i2d_X509(sk_X509_value(chain, i), &der);
    auto one = Certificate::from_der({der, length > 0 ? static_cast<std::size_t>(length) : 0});
    OPENSSL_free(der);
    if (!one) return std::unexpected(std::move(one).error());
    path.push_back(*std::move(one));
  }
  return path;
}

/// Each in what is above it: asked without OpenSSL, for it knows no reasons.
base::Result<Verified, Error> blocks_along(const Path& path) {
  std::optional<base::AddressSet> blocks;
  for (auto one = path.rbegin(); one != path.rend(); ++one) {
    TED_TRY(blocks, under(*one, one == path.rbegin(), blocks));
  }
  Time until = path.front().not_after();
  for (const Certificate& one : path) until = std::min(until, one.not_after());
  return Verified{std::move(blocks), until};
}

}  // namespace

TrustStore::TrustStore() : inside_(std::make_unique<Inside>()) {}
TrustStore::~TrustStore() = default;
TrustStore::TrustStore(TrustStore&&) noexcept = default;
TrustStore& TrustStore::operator=(TrustStore&&) noexcept = default;

const std::vector<Certificate>& TrustStore::authorities() const {
  return inside_->authorities;
}
const std::vector<base::Bytes>& TrustStore::revocation_lists() const {
  return inside_->revocation_lists;
}

base::Result<void, Error> TrustStore::add_authority(const Certificate& certificate) {
  if (!certificate.is_authority()) {
    return std::unexpected(fault(ErrorCode::kUnsuitable, certificate, "is not an authority's: it cannot sign others"));
  }
  if (std::ranges::find(inside_->authorities, certificate) != inside_->authorities.end()) return {};
  if (inside_->authorities.size() >= kMaxAuthorities) {
    return std::unexpected(
        Error{ErrorCode::kTooLarge, "more than " + std::to_string(kMaxAuthorities) + " authorities"});
  }
  if (X509_STORE_add_cert(inside_->store.get(), certificate.handle()) != 1) {
    return std::unexpected(fault(ErrorCode::kRefused, certificate, "is not taken: " + last_words()));
  }
  inside_->authorities.push_back(certificate);
  return {};
}

base::Result<void, Error> TrustStore::add_authorities(const std::string& path) {
  TED_TRY(const std::vector<Certificate> all, Certificate::load(path));
  for (const Certificate& one : all) {
    if (auto added = add_authority(one); !added) {
      return std::unexpected(Error{added.error().code, path + ": " + added.error().message});
    }
  }
  return {};
}

base::Result<void, Error> TrustStore::add_revocations(const std::string& path) {
  TED_TRY(std::vector<X509CrlPtr> all, load_revocation_lists(path));
  for (X509CrlPtr& one : all) {
    if (auto added = inside_->add(std::move(one), path); !added) return added;
  }
  return {};
}

base::Result<void, Error> TrustStore::add_revocation_list(base::ByteView der, const std::string& from) {
  const unsigned char* at = der.data();
  X509CrlPtr list(d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  if (!list) return std::unexpected(Error{ErrorCode::kMalformed, from + " is not a revocation list"});
  return inside_->add(std::move(list), from);
}

base::Result<Verified, Error> TrustStore::verify(std::span<const Certificate> chain, Time now) const {
  if (chain.empty()) return std::unexpected(Error{ErrorCode::kUnknownIssuer, "there is no certificate"});
  if (chain.size() > kMaxChain) {
    return std::unexpected(Error{ErrorCode::kTooLarge, "more than " + std::to_string(kMaxChain) + " certificates"});
  }
  const X509ListPtr between(sk_X509_new_null());
  const StoreContextPtr context(X509_STORE_CTX_new());
  for (const Certificate& one : chain.subspan(1)) sk_X509_push(between.get(), one.handle());
  if (!between || !context ||
      X509_STORE_CTX_init(context.get(), inside_->store.get(), chain.front().handle(), between.get()) != 1) {
    return std::unexpected(Error{ErrorCode::kRefused, "no memory to verify a certificate"});
  }
  X509_VERIFY_PARAM* wanted = X509_STORE_CTX_get0_param(context.get());
  unsigned long flags = X509_V_FLAG_PARTIAL_CHAIN;
  if (!inside_->lists.empty()) flags |= X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
  X509_VERIFY_PARAM_set_flags(wanted, flags);
  X509_VERIFY_PARAM_set_time(wanted, now.time_since_epoch().count());
  X509_VERIFY_PARAM_set_depth(wanted, static_cast<int>(kMaxChain) - 2);  // of those between the two ends
  X509_VERIFY_PARAM_set_auth_level(wanted, kSecurityLevel);
  const std::function<bool(const X509&)> has_list = [this](const X509& one) { return inside_->has_list_for(one); };
  X509_STORE_CTX_set_app_data(context.get(), const_cast<std::function<bool(const X509&)>*>(&has_list));
  X509_STORE_CTX_set_verify_cb(context.get(), judge);
  const bool fine = X509_verify_cert(context.get()) == 1;
  ERR_clear_error();
  const int error = X509_STORE_CTX_get_error(context.get());
  TED_TRY(const Path path, path_of(*context));
  if (!fine) {
    const auto depth = static_cast<std::size_t>(std::max(0, X509_STORE_CTX_get_error_depth(context.get())));
    const Certificate& of = depth < path.size() ? path[depth] : chain.front();
    if (error == X509_V_ERR_UNNESTED_RESOURCE) {
      if (auto reason = blocks_along(path); !reason) return std::unexpected(std::move(reason).error());
    }
    const ErrorCode code = code_of(error);
    return std::unexpected(fault(code, of, words(code, error, of)));
  }
  auto verified = blocks_along(path);
  if (verified) verified->until = std::min(verified->until, inside_->lists_end(path));
  return verified;
}

}  // namespace pki
