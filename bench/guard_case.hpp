// What `tedbench guard` needs of C++: the guard of a generated policy, and packets sent as fast as the kernel takes
// them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace bench {

/// The text of the guard for `rules` rules, the last of which lets UDP from 10.1.0.0/16 to 10.2.0.0/16 pass; line by
/// line, or as tedd writes it. Nothing when such a policy is refused.
[[nodiscard]] std::optional<std::string> guard_text(std::size_t rules, bool by_lines);

/// Sends `count` datagrams to 10.2.0.10 and gives the nanoseconds of this thread's processor for each, the way through
/// the gateway's namespace with it; below zero: it failed.
[[nodiscard]] double flood(std::size_t count);

}  // namespace bench
