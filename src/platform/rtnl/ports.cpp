#include "platform/rtnl/ports.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

namespace rtnl {
namespace {

/// The kernel nests eight at most.
constexpr int kMostNested = 8;

bool carries(const Link& link) {
  static constexpr std::array<std::string_view, 3> kKinds{"bridge", "bond", "team"};
  return std::ranges::find(kKinds, link.kind) != kKinds.end();
}

const Link* master_of(const Link& port, std::span<const Link> links) {
  if (port.master == 0) return nullptr;
  const auto found = std::ranges::find(links, port.master, &Link::index);
  return found == links.end() ? nullptr : &*found;
}

}  // namespace

Ports ports_among(std::span<const Link> links, std::span<const std::string> names) {
  Ports ports;
  std::set<std::string> carriers;
  for (const std::string& name : names) {
    const auto port = std::ranges::find(links, name, &Link::name);
    if (port == links.end()) continue;
    const Link* master = master_of(*port, links);
    if (master != nullptr) ports.masters[name] = master->name;
    for (int depth = 0; master != nullptr && carries(*master) && depth < kMostNested; ++depth) {
      if (std::ranges::find(names, master->name) == names.end()) carriers.insert(master->name);
      master = master_of(*master, links);
    }
  }
  ports.carriers.assign(carriers.begin(), carriers.end());
  return ports;
}

}  // namespace rtnl
