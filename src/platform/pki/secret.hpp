// Keys, and files that may hold some.
#pragma once

#include "base/secret.hpp"

namespace pki {

using base::Secret;

}  // namespace pki
