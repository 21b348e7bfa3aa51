// How the interfaces of [gateway] stand on this machine.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/config.hpp"
#include "config/machine.hpp"
#include "platform/rtnl/tables.hpp"

namespace tedd {

struct Outside {
  /// Of `interfaces` those that are ports of a bridge, bond, team or VRF, and of what: they see nothing.
  std::map<std::string, std::string> ports;
  config::Misfit misfit;

  bool operator==(const Outside&) const = default;
};

/// Of the tables it takes links and addresses.
[[nodiscard]] Outside outside_in(const rtnl::Tables& tables, const config::Gateway& gateway);
/// As the kernel has it now. An error is for people.
[[nodiscard]] base::Result<Outside, std::string> look_outside(const config::Gateway& gateway);

/// Why nothing is taken off the wire somewhere, a sentence for each interface; none where all is well.
[[nodiscard]] std::vector<std::string> texts(const Outside& outside);
[[nodiscard]] std::string port_text(const std::string& name, const std::string& master);

}  // namespace tedd
