// Whether the lab wants this run of tedd_without to do without that defence.
#pragma once

#include <cstdlib>
#include <string_view>

inline bool without(std::string_view defence) {
  static const char* const named = std::getenv("OPENTED_LAB_WITHOUT");
  return named != nullptr && defence == named;
}
