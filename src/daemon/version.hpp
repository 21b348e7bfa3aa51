#pragma once

namespace tedd {

inline constexpr const char* kVersion = OPENTED_VERSION;

}  // namespace tedd
