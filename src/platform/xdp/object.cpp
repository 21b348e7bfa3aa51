#include "platform/xdp/object.hpp"

// Made by the build and taken in as it is: no copy beside the binary that could be missing, or another version.
asm(".section .rodata\n"
    ".balign 8\n"
    "opented_shield_begin:\n"
    ".incbin \"" SHIELD_OBJECT
    "\"\n"
    "opented_shield_end:\n"
    ".previous\n");

extern const std::byte kShieldBegin[] asm("opented_shield_begin");
extern const std::byte kShieldEnd[] asm("opented_shield_end");

namespace xdp {

std::span<const std::byte> shield_object() {
  return {kShieldBegin, kShieldEnd};
}

}  // namespace xdp
