// How much memory something takes while it is made.
#pragma once

#include <cstddef>
#include <functional>

namespace bench {

/// Bytes by which the resident memory of a process that does only this grows at most. In a child, which ends
/// afterwards; call it before other threads are started and before the like has been made here, whose freed memory it
/// would use.
[[nodiscard]] std::size_t peak_memory(const std::function<void()>& work);

}  // namespace bench
