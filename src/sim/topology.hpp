// Who stands where: sites with hosts, each behind a gateway; gateways that stand by for a site or in the path to it;
// and a core that all of them hang on. Addresses are computed, so that no host takes memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/address.hpp"
#include "base/prefix.hpp"
#include "sim/options.hpp"
#include "sim/random.hpp"

namespace sim {

using Site = std::uint32_t;
using GatewayIndex = std::uint32_t;
inline constexpr std::uint32_t kNobody = 0xffffffff;

/// What a gateway is to its site.
enum class Role : std::uint8_t { kOwn, kStandby, kTransit };

/// The gateways from the hosts of one site to those of another, in order; at most four.
class Path {
 public:
  void add(GatewayIndex gateway) { gateways_[size_++] = gateway; }
  [[nodiscard]] const GatewayIndex* begin() const { return gateways_.data(); }
  [[nodiscard]] const GatewayIndex* end() const { return gateways_.data() + size_; }

 private:
  std::array<GatewayIndex, 4> gateways_{};
  std::size_t size_ = 0;
};

class Topology {
 public:
  Topology(const Options& options, SeededRandom& random);

  [[nodiscard]] std::uint32_t sites() const { return sites_; }
  [[nodiscard]] std::uint32_t gateways() const { return static_cast<std::uint32_t>(home_.size()); }
  [[nodiscard]] std::uint32_t hosts_per_site() const { return hosts_per_site_; }
  [[nodiscard]] Site home(GatewayIndex gateway) const { return home_[gateway]; }
  [[nodiscard]] Role role(GatewayIndex gateway) const { return role_[gateway]; }

  /// All of the mesh's hosts, and those of one site.
  [[nodiscard]] base::Prefix everything() const;
  [[nodiscard]] base::Prefix prefix(Site site) const;
  [[nodiscard]] base::Address host(Site site, std::uint32_t number) const;
  [[nodiscard]] base::Address address(GatewayIndex gateway) const;
  /// kNobody: no host or gateway of ours.
  [[nodiscard]] Site site_of(const base::Address& host) const;
  [[nodiscard]] GatewayIndex gateway_at(const base::Address& address) const;

  /// The gateway next to the hosts, and the one in front of it, towards the core (or kNobody).
  [[nodiscard]] GatewayIndex inner(Site site) const { return inner_[site]; }
  [[nodiscard]] GatewayIndex outer(Site site) const { return outer_[site]; }

  [[nodiscard]] Path path(Site from, Site to) const;
  /// Who comes behind `from` on the way; `from` is kNobody for a host. A gateway that is no longer on the path hands on
  /// to where the destination is now. kNobody: the destination itself.
  [[nodiscard]] GatewayIndex next(GatewayIndex from, Site source, Site destination) const;

  /// Puts the site's prefix behind its standby, or back, or its transit gateway out of the path, or back. False when
  /// the site has neither.
  bool move(Site site, SeededRandom& random);
  /// True when a packet to `site` that reaches `gateway` finds its hosts behind it.
  [[nodiscard]] bool serves(GatewayIndex gateway, Site site) const {
    return inner_[site] == gateway || outer_[site] == gateway;
  }

 private:
  base::Family family_;
  unsigned site_bits_ = 0;
  std::uint32_t sites_ = 0;
  std::uint32_t hosts_per_site_ = 0;
  std::vector<Site> home_;
  std::vector<Role> role_;
  std::vector<GatewayIndex> inner_;
  std::vector<GatewayIndex> outer_;
  std::vector<GatewayIndex> standby_;
  std::vector<GatewayIndex> transit_;
};

}  // namespace sim
