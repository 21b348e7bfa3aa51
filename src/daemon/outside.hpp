// How the interfaces of [gateway] stand on this machine.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/config.hpp"
#include "config/machine.hpp"
#include "platform/rtnl/ports.hpp"
#include "platform/rtnl/tables.hpp"

namespace tedd {

struct Outside {
  rtnl::Ports ports;                         ///< among `interfaces`
  std::map<std::string, std::string> blind;  ///< of these the ones that see nothing, as a VRF has what they receive
  config::Misfit misfit;
  std::vector<base::Address> addresses;  ///< no other machine's: see engine::MachineAddresses

  bool operator==(const Outside&) const = default;
};

/// Of the tables it takes links and addresses.
[[nodiscard]] Outside outside_in(const rtnl::Tables& tables, const config::Gateway& gateway);
/// As the kernel has it now. An error is for people.
[[nodiscard]] base::Result<Outside, std::string> look_outside(const config::Gateway& gateway);

/// Why nothing is taken off the wire somewhere, a sentence for each interface; none where all is well.
[[nodiscard]] std::vector<std::string> texts(const Outside& outside);

/// A sentence for people, of something that is to be mended or that is well again.
struct Told {
  bool is_trouble = true;
  std::string text;
};
/// What has changed, ports that are looked after included.
[[nodiscard]] std::vector<Told> news(const Outside& before, const Outside& now);

}  // namespace tedd
