// Which tunnels may carry a flow: found by where it goes, because most of many tunnels differ in that.
#pragma once

#include <unordered_map>
#include <vector>

#include "base/address.hpp"
#include "base/flow.hpp"
#include "base/selector.hpp"
#include "base/uint128.hpp"

namespace engine {

struct Tunnel;

/// The tunnels by the remote addresses of their selectors: one table for each mask. A tunnel's selectors have prefixes
/// only, or the data plane would not take them, so a look-up asks at most 33 tables, or 129, and mostly one.
class Carriers {
 public:
  /// The tunnel stays where it is, and its selectors as they are, until it leaves.
  void enter(Tunnel& tunnel);
  void leave(Tunnel& tunnel);

  /// `visit(Tunnel&)` for those one of whose selectors has the flow's destination, until it returns false; false then.
  /// One may be visited twice.
  template <class Visit>
  bool visit(const base::Flow& flow, Visit visit) const {
    for (const Table& table : tables_) {
      if (table.family != flow.destination.family()) continue;
      const auto found = table.by_remote.find(base::Address(table.family, flow.destination.value() & table.mask));
      if (found == table.by_remote.end()) continue;
      for (Tunnel* tunnel : found->second) {
        if (!visit(*tunnel)) return false;
      }
    }
    return true;
  }

 private:
  struct Table {
    base::Family family{};
    base::Uint128 mask = 0;
    std::unordered_map<base::Address, std::vector<Tunnel*>> by_remote{};
  };

  [[nodiscard]] std::vector<Table>::iterator table_of(const base::MaskedAddress& remote);

  std::vector<Table> tables_;
};

}  // namespace engine
