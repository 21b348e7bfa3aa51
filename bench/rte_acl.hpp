// The peer of first match: DPDK's rte_acl, from Debian's libdpdk-dev. Never shipped, and not needed to build.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/flow.hpp"
#include "policy/rule.hpp"

namespace bench {

/// Flows as rte_acl reads them.
struct AclKey {
  std::uint8_t protocol;
  std::uint8_t padding[3];
  std::uint32_t from;  ///< big endian
  std::uint32_t to;
  std::uint16_t from_port;
  std::uint16_t to_port;
};
[[nodiscard]] std::vector<AclKey> acl_keys(const std::vector<base::Flow>& flows);

class RteAcl {
 public:
  /// True when this tedbench was built with rte_acl and its environment starts.
  [[nodiscard]] static bool is_here();
  /// Why not, and what to do about it.
  [[nodiscard]] static std::string why_not();

  /// Builds; at() is as in the policy. Throws std::runtime_error with rte_acl's error.
  explicit RteAcl(const std::vector<policy::Rule>& rules);
  RteAcl(const RteAcl&) = delete;
  RteAcl& operator=(const RteAcl&) = delete;
  ~RteAcl();

  /// 1 + index of the first rule for each key; 0: none.
  void classify(std::span<const AclKey* const> keys, std::span<std::uint32_t> rules) const;
  /// Bytes of its own heap that it takes.
  [[nodiscard]] std::size_t memory() const { return memory_; }

 private:
  [[maybe_unused]] void* context_ = nullptr;  // not used where rte_acl is not here
  std::size_t memory_ = 0;
};

}  // namespace bench
