// Which capabilities are in effect (capabilities(7)). tedd holds two or three, and has them in effect only while it
// does what needs them: bytes of strangers, policies and requests are read without any. Of the calling thread; a thread
// that is made has what its maker has in effect then.
#pragma once

#include <cstdint>
#include <initializer_list>

namespace rights {

/// By the kernel's numbers.
/// CAP_PERFMON is for the shield where a kernel asks for it (Debian 12's does).
enum class Capability : std::uint8_t { kKill = 5, kNetAdmin = 12, kNetRaw = 13, kPerfmon = 38, kBpf = 39 };

/// Puts all out of effect, and gives up for good all but those above, of which CAP_KILL is root's alone: its examiner
/// is another user. Root keeps besides, and in effect, what opens its files and its ports, for its configuration may
/// belong to others. True when it is done; no kernel refuses it.
bool lower();

/// Puts them into effect as long as it lives, as far as the process holds them; what they are needed for says by its
/// own error when it does not. It costs a microsecond at most. Keeps errno.
class Raised {
 public:
  explicit Raised(std::initializer_list<Capability> wanted);
  ~Raised();
  Raised(const Raised&) = delete;
  Raised& operator=(const Raised&) = delete;

 private:
  std::uint64_t before_ = 0;  ///< in effect
  bool changed_ = false;
};

}  // namespace rights
