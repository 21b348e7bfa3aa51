// The tunnels that the gateways' charons hold: what carries packets. The engines have their own picture of it, which
// must agree.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "base/fetch.hpp"
#include "base/flat_index.hpp"
#include "base/flow.hpp"
#include "base/masked_address.hpp"
#include "base/selector.hpp"
#include "base/time.hpp"
#include "engine/event.hpp"
#include "sim/topology.hpp"

namespace sim {

/// Which end of a tunnel: the one that asked for it is 0.
using End = std::uint32_t;

struct Tunnel {
  std::uint32_t generation = 0;  ///< of its place: what was said of an earlier one there is not about it
  engine::TunnelId id{};         ///< changes with each rekeying
  std::array<GatewayIndex, 2> gateways{};
  std::array<bool, 2> up{};
  std::vector<base::Selector> selectors;  ///< written from end 0
  wire::Cookie cookie{};                  ///< of the discovery that asked
  base::Instant since{};
  base::Instant half_since{};  ///< since when one end alone has it
  bool whole = false;          ///< it stood at both ends at some time
  bool pending = false;        ///< IKE is at work on it: an end may be still to come

  [[nodiscard]] bool stands() const { return up[0] && up[1]; }
  /// True when `flow`, as it leaves the gateway at that end, is in it.
  [[nodiscard]] bool contains(End end, const base::Flow& flow) const;
};

/// One end of one tunnel.
struct TunnelEnd {
  std::uint32_t tunnel = 0;
  End end = 0;

  bool operator==(const TunnelEnd&) const = default;
};

/// Addresses by what the last 32 bits of all of them agree in: small, for many are looked through.
struct Likeness {
  std::uint32_t bits = 0;
  std::uint32_t mask = 0;

  [[nodiscard]] bool matches(const base::Address& address) const {
    return (static_cast<std::uint32_t>(address.value()) & mask) == bits;
  }
  bool operator==(const Likeness&) const = default;
};

/// An end at its gateway, and what is alike in the addresses that it carries packets to: most tunnels are passed over
/// by that.
struct Held {
  TunnelEnd which;
  Likeness remote;
};

class TunnelTable {
 public:
  explicit TunnelTable(const Topology& topology)
      : site_mask_(static_cast<std::uint32_t>(base::MaskedAddress(topology.prefix(0)).mask())),
        of_gateway_(topology.gateways()) {}

  [[nodiscard]] Tunnel& at(std::uint32_t tunnel) { return tunnels_[tunnel]; }
  [[nodiscard]] const Tunnel& at(std::uint32_t tunnel) const { return tunnels_[tunnel]; }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(tunnels_.size()); }
  [[nodiscard]] std::uint64_t standing() const { return standing_; }

  /// A new tunnel that stands nowhere yet.
  std::uint32_t add(GatewayIndex asked, GatewayIndex peer, std::vector<base::Selector> selectors,
                    const wire::Cookie& cookie, base::Instant now);
  void raise(TunnelEnd which, base::Instant now);
  /// The end stands no more; with the last end the tunnel is gone.
  void lower(TunnelEnd which, base::Instant now);
  void renew(std::uint32_t tunnel);
  /// The place of the tunnel that stands at neither end is free again.
  void release(std::uint32_t tunnel);

  [[nodiscard]] const std::vector<Held>& of(GatewayIndex gateway) const { return of_gateway_[gateway].all; }
  /// The one of that id at that gateway.
  [[nodiscard]] std::optional<TunnelEnd> find(GatewayIndex gateway, engine::TunnelId id) const;
  /// The youngest at that gateway that takes the flow.
  [[nodiscard]] std::optional<TunnelEnd> carrier(GatewayIndex gateway, const base::Flow& flow) const;
  /// Ask for the memory that carrier() reads, each for what the one before has led to (base/fetch.hpp).
  void fetch_ends(GatewayIndex gateway) const { base::fetch(of_gateway_[gateway]); }
  void fetch_place(GatewayIndex gateway, const base::Address& destination) const {
    of_gateway_[gateway].to_site.fetch(hash_of(destination));
  }
  void fetch_tunnel(GatewayIndex gateway, const base::Address& destination) const;
  void fetch_selectors(GatewayIndex gateway, const base::Address& destination) const;
  /// Those that stand at one end alone.
  [[nodiscard]] const std::set<std::uint32_t>& halves() const { return halves_; }
  /// What the gateway at that end is told when it is up.
  [[nodiscard]] engine::TunnelUp facts(TunnelEnd which, const Topology& topology) const;

 private:
  void note_half(std::uint32_t tunnel);
  /// An end, and when it came up: the younger one carries what both would.
  struct Raised {
    TunnelEnd which;
    std::uint32_t turn = 0;
  };
  struct Ends {
    std::vector<Held> all;  ///< in the order in which they came up
    /// By the site that they carry packets to; but for those that carry to several.
    base::FlatIndex<Raised> to_site;
    std::vector<Raised> to_several;
  };

  [[nodiscard]] std::uint64_t hash_of(std::uint32_t address) const {
    return (address & site_mask_) * std::uint64_t{0x9e3779b97f4a7c15U};
  }
  [[nodiscard]] std::uint64_t hash_of(const base::Address& address) const {
    return hash_of(static_cast<std::uint32_t>(address.value()));
  }
  [[nodiscard]] bool is_to_one_site(const Likeness& remote) const { return (remote.mask & site_mask_) == site_mask_; }

  std::uint32_t site_mask_;  ///< in the last 32 bits of a host's address
  std::vector<Tunnel> tunnels_;
  std::vector<std::uint32_t> free_;
  std::vector<Ends> of_gateway_;
  std::set<std::uint32_t> halves_;
  std::uint32_t turns_ = 0;
  std::uint64_t serial_ = 0;
  std::uint64_t standing_ = 0;
};

}  // namespace sim
