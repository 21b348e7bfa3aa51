#include "platform/rights/locked.hpp"

#include <cerrno>
#include <cstdint>
#include <sys/mman.h>
#include <unistd.h>

namespace rights {

void keep_in_memory(base::ByteView bytes) {
  if (bytes.empty()) return;
  const int error = errno;
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto first = reinterpret_cast<std::uintptr_t>(bytes.data()) / page * page;
  const std::size_t length = reinterpret_cast<std::uintptr_t>(bytes.data()) + bytes.size() - first;
  void* from = reinterpret_cast<void*>(first);  // NOLINT(performance-no-int-to-ptr): the beginning of its page
  static_cast<void>(::mlock(from, length));
  static_cast<void>(::madvise(from, length, MADV_DONTDUMP));
  errno = error;
}

}  // namespace rights
