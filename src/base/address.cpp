#include "base/address.hpp"

#include <array>
#include <optional>

#include "base/number.hpp"

namespace base {

namespace {

std::optional<std::uint32_t> parse_v4(std::string_view text) {
  std::uint32_t value = 0;
  for (int part = 0; part < 4; ++part) {
    const auto dot = part < 3 ? text.find('.') : text.size();
    if (dot == std::string_view::npos) return std::nullopt;
    const auto digits = text.substr(0, dot);
    if (digits.size() > 1 && digits.front() == '0') return std::nullopt;  // 010 is octal to some readers
    const auto octet = parse_number<std::uint32_t>(digits, 255);
    if (!octet) return std::nullopt;
    value = value << 8 | *octet;
    text.remove_prefix(part < 3 ? dot + 1 : dot);
  }
  return value;
}

std::optional<std::uint16_t> parse_group(std::string_view text) {
  std::uint16_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, 16);
  if (text.empty() || text.size() > 4 || error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

struct Groups {
  std::array<std::uint16_t, 8> value{};
  std::size_t count = 0;

  bool add(std::uint16_t group) {
    if (count == value.size()) return false;
    value[count++] = group;
    return true;
  }
};

// Groups divided by ':'; the last may be a dotted quad when `quad` is set. Empty text has no groups.
bool parse_groups(std::string_view text, bool quad, Groups& groups) {
  while (!text.empty()) {
    const auto colon = text.find(':');
    const auto part = text.substr(0, colon);
    const bool last = colon == std::string_view::npos;
    if (last && quad && part.find('.') != std::string_view::npos) {
      const auto v4 = parse_v4(part);
      return v4 && groups.add(static_cast<std::uint16_t>(*v4 >> 16)) && groups.add(static_cast<std::uint16_t>(*v4));
    }
    const auto group = parse_group(part);
    if (!group || !groups.add(*group)) return false;
    if (last) return true;
    text.remove_prefix(colon + 1);
    if (text.empty()) return false;  // a lone ':' at the end
  }
  return true;
}

std::optional<Uint128> parse_v6(std::string_view text) {
  const auto gap = text.find("::");
  Groups head;
  Groups tail;
  if (gap == std::string_view::npos) {
    if (!parse_groups(text, true, head) || head.count != 8) return std::nullopt;
  } else {
    if (!parse_groups(text.substr(0, gap), false, head) || !parse_groups(text.substr(gap + 2), true, tail)) {
      return std::nullopt;
    }
    if (head.count + tail.count > 7) return std::nullopt;
  }
  Uint128 value = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    const std::size_t tail_start = 8 - tail.count;
    const std::uint16_t group = i < head.count ? head.value[i] : i >= tail_start ? tail.value[i - tail_start] : 0;
    value = value << 16 | group;
  }
  return value;
}

std::string text_v4(std::uint32_t value) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) {
    text += std::to_string(value >> shift & 255U);
    if (shift > 0) text += '.';
  }
  return text;
}

std::string text_group(std::uint16_t group) {
  std::array<char, 4> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), group, 16).ptr;
  return {digits.data(), end};
}

// The longest run of at least two zero groups, the first of equals (RFC 5952 section 4.2).
std::pair<std::size_t, std::size_t> longest_zeros(const std::array<std::uint16_t, 8>& groups) {
  std::size_t best_start = 8;
  std::size_t best_length = 1;
  for (std::size_t start = 0; start < 8; ++start) {
    std::size_t length = 0;
    while (start + length < 8 && groups[start + length] == 0) ++length;
    if (length > best_length) {
      best_start = start;
      best_length = length;
    }
  }
  return {best_start, best_start == 8 ? 0 : best_length};
}

std::string text_v6(Uint128 value) {
  if (value >> 32 == 0xffffU) return "::ffff:" + text_v4(static_cast<std::uint32_t>(value));
  std::array<std::uint16_t, 8> groups{};
  for (std::size_t i = 0; i < 8; ++i) groups[i] = static_cast<std::uint16_t>(value >> (112 - 16 * i));
  const auto [start, length] = longest_zeros(groups);
  std::string text;
  for (std::size_t i = 0; i < 8;) {
    if (length > 0 && i == start) {
      text += "::";
      i += length;
      continue;
    }
    if (!text.empty() && !text.ends_with(':')) text += ':';
    text += text_group(groups[i++]);
  }
  return text;
}

}  // namespace

bool Address::is_multicast() const {
  return family_ == Family::kV4 ? (value() >> 28) == 0xe : (value() >> 120) == 0xff;
}

bool Address::is_loopback() const {
  return family_ == Family::kV4 ? (value() >> 24) == 127 : value() == 1;
}

bool Address::is_link_local() const {
  return family_ == Family::kV4 ? (value() >> 16) == 0xa9fe : (value() >> 118) == 0x3fa;
}

bool Address::is_reserved() const {
  if (family_ == Family::kV6) return (value() >> 32) == 0xffff;
  return (value() >> 24) == 0 || (value() >> 28) == 0xf;
}
bool Address::is_broadcast() const {
  return family_ == Family::kV4 && value() == all_ones(Family::kV4);
}

Result<Address, TextError> Address::parse(std::string_view text) {
  if (const auto v4 = parse_v4(text)) return Address::v4(*v4);
  if (text.find(':') != std::string_view::npos) {
    if (const auto v6 = parse_v6(text)) return Address(Family::kV6, *v6);
  }
  return std::unexpected(TextError{"'" + std::string(text) + "' is not an IPv4 or IPv6 address",
                                   "write an address such as 192.0.2.1 or 2001:db8::1"});
}

std::string Address::text() const {
  return family_ == Family::kV4 ? text_v4(static_cast<std::uint32_t>(value())) : text_v6(value());
}

}  // namespace base
