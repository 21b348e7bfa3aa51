// A range of ports; for ICMP, of types or of codes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/text_error.hpp"

namespace base {

/// Both ends belong to it, and lo <= hi.
struct PortRange {
  std::uint16_t lo = 0;
  std::uint16_t hi = 65535;

  [[nodiscard]] static constexpr PortRange any() { return {}; }
  [[nodiscard]] static constexpr PortRange only(std::uint16_t port) { return {port, port}; }

  [[nodiscard]] constexpr bool is_any() const { return lo == 0 && hi == 65535; }
  [[nodiscard]] constexpr bool is_single() const { return lo == hi; }
  [[nodiscard]] constexpr bool contains(std::uint16_t port) const { return lo <= port && port <= hi; }
  [[nodiscard]] constexpr bool covers(PortRange other) const { return lo <= other.lo && other.hi <= hi; }
  [[nodiscard]] constexpr bool meets(PortRange other) const { return lo <= other.hi && other.lo <= hi; }
  /// What is in both, which meet.
  [[nodiscard]] constexpr PortRange common(PortRange other) const {
    return {std::max(lo, other.lo), std::min(hi, other.hi)};
  }
  [[nodiscard]] constexpr std::optional<PortRange> intersect(PortRange other) const {
    return meets(other) ? std::optional(common(other)) : std::nullopt;
  }

  /// `443`, `1000-2000` or `any`; a reversed range is an error.
  [[nodiscard]] static Result<PortRange, TextError> parse(std::string_view text);
  /// `any`, `443` or `1000-2000`.
  [[nodiscard]] std::string text() const;

  constexpr bool operator==(const PortRange&) const = default;
};

}  // namespace base
