// The interfaces of the machine that tedctl runs on.
#pragma once

#include "config/machine.hpp"

namespace cli {

/// Those of this network namespace; none when the system does not tell.
[[nodiscard]] config::MachineInterfaces own_machine();

}  // namespace cli
