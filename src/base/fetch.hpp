// Memory that will be read soon is asked for, so that nobody has to wait for it then.
#pragma once

#include <cstddef>

namespace base {

/// `size` bytes at `begin`; they need not be there, and nothing is asked for at null.
inline void fetch(const void* begin, std::size_t size) {
  if (begin == nullptr) return;
  static constexpr std::size_t kLine = 64;
  const auto* const bytes = static_cast<const std::byte*>(begin);
  for (std::size_t at = 0; at < size; at += kLine) __builtin_prefetch(bytes + at);
  if (size > 1) __builtin_prefetch(bytes + size - 1);
}

template <class What>
void fetch(const What& what) {
  fetch(&what, sizeof(What));
}

}  // namespace base
