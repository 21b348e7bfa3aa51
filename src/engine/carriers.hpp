// Which tunnels may carry a flow: found by where it goes, because most of many tunnels differ in that.
#pragma once

#include <cstdint>
#include <vector>

#include "base/address.hpp"
#include "base/address_hash.hpp"
#include "base/flat_index.hpp"
#include "base/flow.hpp"
#include "base/masked_address.hpp"
#include "base/uint128.hpp"
#include "engine/tunnel.hpp"

namespace engine {

/// The tunnels by the remote addresses of their selectors, which are looked up once for each mask. A tunnel's selectors
/// have prefixes only, or the data plane would not take them, so there are at most 33 masks, or 129, and mostly one.
class Carriers {
 public:
  /// `secret`: nobody can know it, so that no peer can have selectors which one look-up walks through.
  explicit Carriers(std::uint64_t secret) : hash_(base::AddressHash::keyed(secret)) {}

  /// The tunnel stays where it is, and its selectors as they are, until it leaves.
  void enter(Tunnel& tunnel);
  void leave(Tunnel& tunnel);

  /// `visit(Tunnel&)` for those one of whose selectors has the flow's destination, until it returns false; false then.
  /// One may be visited twice, and some others may be, too.
  template <class Visit>
  bool visit(const base::Flow& flow, Visit visit) const {
    for (const Mask& mask : masks_) {
      if (mask.family != flow.destination.family()) continue;
      const base::Address remote(mask.family, flow.destination.value() & mask.bits);
      if (!by_remote_.visit(hash_of(remote, mask), [&visit](Tunnel* tunnel) { return visit(*tunnel); })) return false;
    }
    return true;
  }

 private:
  struct Mask {
    base::Uint128 bits = 0;
    base::Family family{};
    std::uint32_t entries = 0;  ///< with that mask
  };

  [[nodiscard]] std::vector<Mask>::iterator mask_of(const base::MaskedAddress& remote);
  [[nodiscard]] std::uint64_t hash_of(const base::Address& remote, const Mask& mask) const {
    return hash_(remote) + static_cast<std::uint64_t>(mask.bits ^ mask.bits >> 64) * 0x9e3779b97f4a7c15U;
  }

  base::AddressHash hash_;
  std::vector<Mask> masks_;
  base::FlatIndex<Tunnel*> by_remote_;
};

}  // namespace engine
