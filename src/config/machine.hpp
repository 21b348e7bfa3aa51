// How the interfaces that a configuration names fit the machine that it is for.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "config/config.hpp"

namespace config {

/// The interfaces of a machine, each with its own addresses.
using MachineInterfaces = std::map<std::string, std::vector<base::Address>, std::less<>>;

/// What does not fit. Nothing of it is a mistake for sure: interfaces come and go, and are given names late.
struct Misfit {
  std::map<std::string, std::string> missing;  ///< of `interfaces` those that are not there now, and what there is
  /// Addresses of the gateway at interfaces that are not among `interfaces`, where all of those are there and none has
  /// an address of the gateway. The loopback interface is nobody's outer one, and may have them.
  std::map<base::Address, std::string> elsewhere;
  /// Addresses of the gateway that no interface has, where all of `interfaces` are there.
  std::set<base::Address> absent;

  bool operator==(const Misfit&) const = default;
};
[[nodiscard]] Misfit misfit(const Gateway& gateway, const MachineInterfaces& machine);

/// The sentence for one of each.
[[nodiscard]] std::string missing_text(std::string_view name, std::string_view there_is);
[[nodiscard]] std::string elsewhere_text(const base::Address& address, std::string_view name);
[[nodiscard]] std::string absent_text(const base::Address& address);

/// All sentences of it.
[[nodiscard]] std::vector<std::string> texts(const Misfit& misfit);

/// True when an address of the gateway is the machine's: the configuration is for no other machine.
[[nodiscard]] bool is_for(const Gateway& gateway, const MachineInterfaces& machine);

}  // namespace config
