// A process that reads what strangers wrote, and can do nothing else.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.hpp"

namespace rights {

/// Of the calling process, which has one thread, from now on and for good: no capability and no way to one, no other
/// user's name than nobody's where it was root, no core file, at most so many bytes of memory, no file opened, no
/// descriptor made, nothing executed. What is left of the system calls is reading and writing what is open, memory, the
/// clock and the end; any other one kills it (seccomp(2)). It goes with the process that made it.
///
/// An error says what could not be done; the process has to end then.
[[nodiscard]] base::Result<void, std::string> confine(std::size_t memory);

}  // namespace rights
