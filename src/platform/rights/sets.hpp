// The calling thread's capability sets, as the kernel has them. For this folder alone.
#pragma once

#include <array>
#include <cstdint>
#include <linux/capability.h>
#include <optional>
#include <sys/syscall.h>
#include <unistd.h>

namespace rights {

struct Sets {
  std::uint64_t effective = 0;
  std::uint64_t permitted = 0;
  std::uint64_t inheritable = 0;
};

constexpr std::uint64_t bit(unsigned capability) {
  return std::uint64_t{1} << capability;
}

inline std::optional<Sets> sets() {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> halves{};
  if (::syscall(SYS_capget, &header, halves.data()) != 0) return std::nullopt;
  const auto whole = [](std::uint32_t low, std::uint32_t high) { return std::uint64_t{high} << 32U | low; };
  return Sets{whole(halves[0].effective, halves[1].effective), whole(halves[0].permitted, halves[1].permitted),
              whole(halves[0].inheritable, halves[1].inheritable)};
}

inline bool set(const Sets& sets) {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> halves{};
  const auto half = [&sets](unsigned shift) {
    return __user_cap_data_struct{.effective = static_cast<std::uint32_t>(sets.effective >> shift),
                                  .permitted = static_cast<std::uint32_t>(sets.permitted >> shift),
                                  .inheritable = static_cast<std::uint32_t>(sets.inheritable >> shift)};
  };
  halves = {half(0), half(32)};
  return ::syscall(SYS_capset, &header, halves.data()) == 0;
}

}  // namespace rights
