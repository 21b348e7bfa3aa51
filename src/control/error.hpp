// What can be wrong with a line of the control protocol.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/text_error.hpp"

namespace control {

enum class ErrorCode : std::uint8_t {
  kTooLong,         ///< the line is longer than its limit
  kNotJson,         ///< the line is no JSON value
  kTooDeep,         ///< arrays and objects are nested too deep
  kMissing,         ///< a member that must be there is not
  kWrongType,       ///< a member is of another kind: a number where text belongs
  kBadValue,        ///< a member's text or number cannot be
  kUnknownCommand,  ///< no such command
  kUnknownArgument  ///< the command takes no such argument
};

/// `too-long`, `not-json`, …: for counters and tests.
[[nodiscard]] std::string_view name(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::kNotJson;
  std::string where;  ///< the member, as `arguments.port`, or the text; may be empty
  std::string hint;   ///< what to write instead; may be empty

  bool operator==(const Error&) const = default;
};

/// The same for a person, or for the error of a reply.
[[nodiscard]] base::TextError describe(const Error& error);

}  // namespace control
