#include "base/secret.hpp"

#include <cstring>

namespace base {

void wipe(Bytes& bytes) {
  if (!bytes.empty()) explicit_bzero(bytes.data(), bytes.size());  // nowhere is no argument of it
  bytes.clear();
}

void wipe(std::string& text) {
  explicit_bzero(text.data(), text.size());
  text.clear();
}

}  // namespace base
