// Figures 3A, 3B and 3C of the seed: the largest common subset of two full proxies.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.hpp"
#include "base/selector.hpp"

namespace policy {

/// The part that has nothing in common, in the order of the figures.
enum class EmptyPart : std::uint8_t { kProtocol, kLocal, kRemote, kLocalPort, kRemotePort };

/// `protocol`, `local`, `remote`, `local_port`, `remote_port`
[[nodiscard]] std::string_view name(EmptyPart part);

/// What is common to both, each written from the same side (mirror a peer's proxy first), or the first part that is
/// empty; the caller keeps both values for its report.
[[nodiscard]] base::Result<base::Selector, EmptyPart> intersect(const base::Selector& mine,
                                                                const base::Selector& theirs);

}  // namespace policy
