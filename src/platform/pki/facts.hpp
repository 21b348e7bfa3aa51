// What a certificate says of its holder, apart from the certificate.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"

namespace pki {

/// Wall-clock time: certificates are dated. Nobody here reads a clock.
using Time = std::chrono::sys_seconds;

/// RFC 3339 in UTC: `2026-11-27T23:00:00Z`.
[[nodiscard]] std::string text(Time time);

enum class NameKind : std::uint8_t { kAddress, kDns, kSubject };

/// One name of a certificate's holder, as IKE writes it.
struct Name {
  NameKind kind{};
  std::string text;

  bool operator==(const Name&) const = default;
};

struct Facts {
  /// The subject's distinguished name as charon prints it: `C=CH, O=Example, CN=gw-a.example`. What separates its parts
  /// is escaped, so two names never look alike; charon does not escape, and such a name is not found by its text.
  std::string subject;
  std::string issuer;
  /// Of the subjectAltName, addresses and DNS names in the order in which they stand, then the subject. A DNS name with
  /// other characters than letters, digits, '-', '.' and '_', or one that looks like an address, is left out. Never
  /// empty.
  std::vector<Name> names;
  Time not_before;
  Time not_after;  ///< the last second in which it holds

  /// True when the holder has that very name: an address, a DNS name (in any case of letters) or a whole subject.
  [[nodiscard]] bool is_named(std::string_view name) const;
  /// What its holder calls itself in IKE unless told otherwise: an address of those given, else a DNS name, else an
  /// address, else the subject.
  [[nodiscard]] const Name& ike_name(std::span<const base::Address> preferred) const;

  bool operator==(const Facts&) const = default;
};

}  // namespace pki
