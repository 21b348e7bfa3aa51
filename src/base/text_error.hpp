// What is wrong with a piece of text that a person wrote, and the way out.
#pragma once

#include <string>

namespace base {

/// `message` names the text and what is wrong with it; `hint` says what to write instead, and may be empty. Neither
/// names a file: the caller knows the place and puts it in front.
struct TextError {
  std::string message;
  std::string hint;

  /// Both in one line.
  [[nodiscard]] std::string text() const { return hint.empty() ? message : message + " (" + hint + ")"; }

  bool operator==(const TextError&) const = default;
};

}  // namespace base
