// Results of fallible functions. No exception crosses a layer; each layer has one flat enum of its errors.
#pragma once

#include <expected>
#include <utility>

namespace base {

/// A value or the reason why there is none. Functions that return it are [[nodiscard]]: libstdc++ 12 does not mark
/// std::expected itself.
template <class T, class E>
using Result = std::expected<T, E>;

}  // namespace base

#define TED_CONCAT_IMPL(a, b) a##b
#define TED_CONCAT(a, b) TED_CONCAT_IMPL(a, b)

/// TED_TRY(auto x, f()): x is f()'s value, or the enclosing function returns f()'s error.
#define TED_TRY(declaration, expression) TED_TRY_IMPL(TED_CONCAT(ted_try_, __LINE__), declaration, expression)
#define TED_TRY_IMPL(result, declaration, expression)             \
  auto result = (expression);                                     \
  if (!result) return std::unexpected(std::move(result).error()); \
  declaration = *std::move(result)
