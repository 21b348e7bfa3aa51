#include "platform/vici/error.hpp"

namespace vici {

std::string_view name(ErrorCode code) {
  switch (code) {
    case ErrorCode::kTruncated: return "truncated";
    case ErrorCode::kUnknownElement: return "unknown_element";
    case ErrorCode::kUnbalanced: return "unbalanced";
    case ErrorCode::kTooDeep: return "too_deep";
    case ErrorCode::kTooManyElements: return "too_many_elements";
    case ErrorCode::kTooLong: return "too_long";
    case ErrorCode::kUnknownPacket: return "unknown_packet";
    case ErrorCode::kUnexpectedPacket: return "unexpected_packet";
    case ErrorCode::kCannotConnect: return "cannot_connect";
    case ErrorCode::kNotPermitted: return "not_permitted";
    case ErrorCode::kClosed: return "closed";
    case ErrorCode::kQueueFull: return "queue_full";
    case ErrorCode::kUnknownCommand: return "unknown_command";
    case ErrorCode::kRefused: return "refused";
    case ErrorCode::kSelectorText: return "selector_text";
    case ErrorCode::kAddressRange: return "address_range";
    case ErrorCode::kSelectorMask: return "selector_mask";
    case ErrorCode::kSelectorPorts: return "selector_ports";
    case ErrorCode::kSelectorNotProduct: return "selector_not_product";
  }
  return "unknown";
}

std::string Error::text() const {
  std::string out(name(code));
  if (offset != 0) out += " at byte " + std::to_string(offset);
  if (!words.empty()) out += ": " + words;
  return out;
}

}  // namespace vici
