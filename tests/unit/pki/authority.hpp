// A little PKI for tests.
#pragma once

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <initializer_list>
#include <string>
#include <utility>

#include "platform/pki/issue.hpp"
#include "platform/pki/trust_store.hpp"
#include "support/folder.hpp"

namespace pki {

using std::chrono::days;
using std::chrono::seconds;

/// Noon of some day; nothing here reads a clock.
inline constexpr Time kNow{seconds(1'800'000'000)};

inline base::AddressSet blocks(std::initializer_list<const char*> prefixes) {
  base::AddressSet set;
  for (const char* one : prefixes) set.add(*base::Prefix::parse(one));
  return set;
}

/// A certificate with its key.
struct Holder {
  Certificate certificate;
  PrivateKey key;
};

inline Wanted wanted(std::string name) {
  return {.common_name = std::move(name), .not_before = kNow - days(1), .not_after = kNow + days(30)};
}

inline Holder root(Wanted what, KeyKind kind = KeyKind::kEcdsaP256) {
  what.is_authority = true;
  PrivateKey key = *PrivateKey::generate(kind);
  Certificate certificate = *issue_root(what, key);
  return {std::move(certificate), std::move(key)};
}

inline Holder issued(const Wanted& what, const Holder& by, KeyKind kind = KeyKind::kEcdsaP256) {
  PrivateKey key = *PrivateKey::generate(kind);
  Certificate certificate = *issue(what, key, by.certificate, by.key);
  return {std::move(certificate), std::move(key)};
}

inline TrustStore trusting(std::initializer_list<const Holder*> authorities) {
  TrustStore store;
  for (const Holder* one : authorities) EXPECT_TRUE(store.add_authority(one->certificate).has_value());
  return store;
}

/// The word for why it is not trusted, or "" when it is.
inline std::string why_not(const TrustStore& store, const std::vector<Certificate>& chain, Time now = kNow) {
  const auto verified = store.verify(chain, now);
  return verified ? "" : std::string(name(verified.error().code));
}

class Folder : public support::Folder {
 public:
  /// The file's path.
  [[nodiscard]] std::string write(const std::string& name, base::ByteView bytes, unsigned mode = 0600) const {
    const auto file = std::filesystem::path(path()) / name;
    std::ofstream(file, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    std::filesystem::permissions(file, static_cast<std::filesystem::perms>(mode));
    return file.string();
  }
};

inline base::Bytes bytes_of(std::string_view text) {
  return {text.begin(), text.end()};
}

}  // namespace pki
