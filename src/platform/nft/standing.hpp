// What stands in the guard's table, by name.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "platform/nft/edition.hpp"
#include "platform/nft/link.hpp"

namespace nft {

struct Standing {
  struct Rule {
    std::string chain;
    std::uint64_t handle = 0;
    std::string goes_to;  ///< the chain of its verdict; empty when it has none
  };

  std::vector<std::string> hooked;  ///< chains that packets enter by
  std::vector<std::string> chains;  ///< the others
  std::vector<std::string> sets;    ///< and maps; those without a name go with their rule
  std::vector<Rule> entries;        ///< the rules of the hooked chains, in order

  /// True when the edition is on the way of some packet.
  [[nodiscard]] bool enters(Edition edition) const;
  /// Greater than that of anything there.
  [[nodiscard]] Edition next() const;
};

/// Asks the kernel; all is empty when there is no table.
[[nodiscard]] base::Result<Standing, Error> standing(const Link& link);

}  // namespace nft
