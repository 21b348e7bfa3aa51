#include "sim/topology.hpp"

#include <algorithm>
#include <bit>

namespace sim {

namespace {

// 10.0.0.0/8 and 100.64.0.0/10, or their like of IPv6: hosts and gateways are told apart by their first bits.
constexpr base::Uint128 kHostsV4 = 0x0a000000;
constexpr base::Uint128 kGatewaysV4 = 0x64400001;
constexpr base::Uint128 kHostsV6 = base::Uint128{0xfd10} << 112;
constexpr base::Uint128 kGatewaysV6 = (base::Uint128{0xfd64} << 112) + 1;
constexpr unsigned kEverythingBits = 24;

base::Uint128 hosts_base(base::Family family) {
  return family == base::Family::kV4 ? kHostsV4 : kHostsV6;
}
base::Uint128 gateways_base(base::Family family) {
  return family == base::Family::kV4 ? kGatewaysV4 : kGatewaysV6;
}
std::uint32_t share_of(std::uint32_t all, double share) {
  return static_cast<std::uint32_t>(static_cast<double>(all) * share);
}

}  // namespace

Topology::Topology(const Options& options, SeededRandom& random) : family_(options.family) {
  const std::uint32_t standbys = share_of(options.gateways, options.standby);
  const std::uint32_t transits = share_of(options.gateways, options.transit);
  sites_ = std::max(2U, options.gateways - std::min(options.gateways, standbys + transits));
  hosts_per_site_ = std::max(1U, (options.hosts + sites_ - 1) / sites_);
  site_bits_ = static_cast<unsigned>(std::bit_width(hosts_per_site_ + 1));
  standby_.assign(sites_, kNobody);
  transit_.assign(sites_, kNobody);
  for (Site site = 0; site < sites_; ++site) {
    home_.push_back(site);
    role_.push_back(Role::kOwn);
    inner_.push_back(site);
  }
  while (home_.size() < options.gateways) {
    const bool stands_by = home_.size() - sites_ < standbys;
    const auto site = static_cast<Site>(random.jitter(sites_));
    auto& of_site = stands_by ? standby_ : transit_;
    of_site[site] = gateways();  // an earlier one of that site is without work
    home_.push_back(site);
    role_.push_back(stands_by ? Role::kStandby : Role::kTransit);
  }
  outer_ = transit_;
}

base::Prefix Topology::everything() const {
  return {base::Address(family_, hosts_base(family_)), base::width(family_) - kEverythingBits};
}

base::Prefix Topology::prefix(Site site) const {
  return {host(site, 0), base::width(family_) - site_bits_};
}

base::Address Topology::host(Site site, std::uint32_t number) const {
  return {family_, hosts_base(family_) + (base::Uint128{site} << site_bits_) + number};
}

base::Address Topology::address(GatewayIndex gateway) const {
  return {family_, gateways_base(family_) + gateway};
}

Site Topology::site_of(const base::Address& host) const {
  const base::Uint128 offset = host.value() - hosts_base(family_);
  if (host.family() != family_ || host.value() < hosts_base(family_)) return kNobody;
  return offset >> site_bits_ < sites_ ? static_cast<Site>(offset >> site_bits_) : kNobody;
}

GatewayIndex Topology::gateway_at(const base::Address& address) const {
  const base::Uint128 offset = address.value() - gateways_base(family_);
  if (address.family() != family_ || address.value() < gateways_base(family_)) return kNobody;
  return offset < gateways() ? static_cast<GatewayIndex>(offset) : kNobody;
}

Path Topology::path(Site from, Site to) const {
  Path path;
  path.add(inner_[from]);
  if (outer_[from] != kNobody) path.add(outer_[from]);
  if (outer_[to] != kNobody) path.add(outer_[to]);
  path.add(inner_[to]);
  return path;
}

GatewayIndex Topology::next(GatewayIndex from, Site source, Site destination) const {
  const Path all = path(source, destination);
  if (from == kNobody) return *all.begin();
  const auto* found = std::find(all.begin(), all.end(), from);
  if (found == all.end()) return outer_[destination] != kNobody ? outer_[destination] : inner_[destination];
  return found + 1 == all.end() ? kNobody : *(found + 1);
}

bool Topology::move(Site site, SeededRandom& random) {
  const bool has_standby = standby_[site] != kNobody;
  const bool has_transit = transit_[site] != kNobody;
  if (!has_standby && !has_transit) return false;
  if (has_standby && (!has_transit || random.jitter(2) == 0)) {
    inner_[site] = inner_[site] == site ? standby_[site] : site;
  } else {
    outer_[site] = outer_[site] == kNobody ? transit_[site] : kNobody;
  }
  return true;
}

}  // namespace sim
