// Memory that is written nowhere else.
#pragma once

#include "base/bytes.hpp"

namespace rights {

/// The pages in which these bytes are stay out of the swap area and of core files from now on, as far as the system
/// lets the process have some that do (RLIMIT_MEMLOCK).
void keep_in_memory(base::ByteView bytes);

}  // namespace rights
