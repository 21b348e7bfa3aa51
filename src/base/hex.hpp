// Bytes as hexadecimal text and back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace base {

/// Lower-case digits, two a byte, no separators.
[[nodiscard]] std::string to_hex(ByteView bytes);

/// Digits of either case; white space and ':' between bytes are skipped. Nothing on any other character or on half a
/// byte.
[[nodiscard]] std::optional<Bytes> from_hex(std::string_view text);

}  // namespace base
