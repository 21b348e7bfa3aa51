// What can go wrong between us and charon's vici socket.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace vici {

enum class ErrorCode {
  kTruncated,           ///< a message ends inside an element, or with a section or list open
  kUnknownElement,      ///< an element type that vici does not have
  kUnbalanced,          ///< an end without its start, an item outside a list, an element inside a list
  kTooDeep,             ///< sections nested deeper than kMaxDepth
  kTooManyElements,     ///< more elements than kMaxElements
  kTooLong,             ///< a name, value or packet longer than its length field or kMaxPacket allows
  kUnknownPacket,       ///< a packet type that vici does not have
  kUnexpectedPacket,    ///< a reply that nothing asked for
  kCannotConnect,       ///< no socket, or nobody listens
  kNotPermitted,        ///< no right to the socket
  kClosed,              ///< the connection ended before the answer, or there is none; the words say why
  kQueueFull,           ///< too many requests wait already
  kUnknownCommand,      ///< this charon has no such command or event
  kRefused,             ///< charon answered `success = no`; the words are charon's
  kSelectorText,        ///< text that is no traffic selector
  kAddressRange,        ///< a traffic selector whose addresses are no prefix
  kSelectorMask,        ///< a selector whose address mask is no prefix
  kSelectorPorts,       ///< ports, types or codes that a traffic selector or a base::Selector cannot say
  kSelectorNotProduct,  ///< selectors that are no local list times a remote list
};

/// The code's name as logs and tests write it: `truncated`, `unknown_element`, …
[[nodiscard]] std::string_view name(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::kClosed;
  std::string words;       ///< for people: charon's own, the system's, or the text at fault; may be empty
  std::size_t offset = 0;  ///< into the message, for errors of decoding

  /// `refused: no matching SAs to terminate found`, `truncated at byte 17`
  [[nodiscard]] std::string text() const;
  bool operator==(const Error&) const = default;
};

template <class T>
using Result = base::Result<T, Error>;

}  // namespace vici
