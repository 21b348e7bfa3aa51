// The compiled program of shield.bpf.c, as bytes of this binary.
#pragma once

#include <cstddef>
#include <span>

namespace xdp {

/// An ELF object for libbpf. Lives as long as the process.
[[nodiscard]] std::span<const std::byte> shield_object();

}  // namespace xdp
