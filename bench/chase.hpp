// What memory takes to answer, by how much of it is in use: the floor of whatever walks over as much.
#pragma once

#include <cstddef>

namespace bench {

/// Nanoseconds for one load of a line out of so many MiB, at random, whose address is what the load before it brought.
[[nodiscard]] double nanoseconds_a_load(std::size_t mib);

}  // namespace bench
