#include "base/secret.hpp"

#include <cstring>

namespace base {

void wipe(Bytes& bytes) {
  explicit_bzero(bytes.data(), bytes.size());
  bytes.clear();
}

void wipe(std::string& text) {
  explicit_bzero(text.data(), text.size());
  text.clear();
}

}  // namespace base
