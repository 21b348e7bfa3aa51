#include "engine/carriers.hpp"

#include <algorithm>

#include "engine/tunnels.hpp"

namespace engine {

std::vector<Carriers::Table>::iterator Carriers::table_of(const base::MaskedAddress& remote) {
  return std::ranges::find_if(
      tables_, [&](const Table& table) { return table.family == remote.family() && table.mask == remote.mask(); });
}

// Many selectors of a tunnel have the same remote side: it is entered there once.
void Carriers::enter(Tunnel& tunnel) {
  for (const base::Selector& selector : tunnel.facts.selectors) {
    auto table = table_of(selector.remote);
    if (table == tables_.end()) {
      tables_.push_back({selector.remote.family(), selector.remote.mask()});
      table = tables_.end() - 1;
    }
    auto& those = table->by_remote[selector.remote.address()];
    if (those.empty() || those.back() != &tunnel) those.push_back(&tunnel);
  }
}

void Carriers::leave(Tunnel& tunnel) {
  for (const base::Selector& selector : tunnel.facts.selectors) {
    const auto table = table_of(selector.remote);
    if (table == tables_.end()) continue;
    const auto those = table->by_remote.find(selector.remote.address());
    if (those == table->by_remote.end()) continue;
    std::erase(those->second, &tunnel);
    if (those->second.empty()) table->by_remote.erase(those);
    if (table->by_remote.empty()) tables_.erase(table);
  }
}

}  // namespace engine
