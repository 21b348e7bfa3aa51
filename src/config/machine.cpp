#include "config/machine.hpp"

#include <algorithm>
#include <cstddef>

#include "config/section.hpp"

namespace config {

namespace {

constexpr std::string_view kLoopback = "lo";
/// Interfaces that a sentence lists: a host of containers has hundreds.
constexpr std::size_t kMaxListed = 12;

bool has(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

/// `did you mean wan0? There are: lan0, wan0`
std::string there_is(std::string_view missing, const MachineInterfaces& machine) {
  std::vector<std::string_view> names;
  for (const auto& [name, addresses] : machine) {
    if (name != kLoopback) names.push_back(name);
  }
  if (names.empty()) return "there is none but the loopback interface";
  std::string text;
  if (const auto meant = closest(missing, names); !meant.empty()) text = "did you mean " + std::string(meant) + "? ";
  text += "There are: ";
  for (std::size_t i = 0; i < std::min(names.size(), kMaxListed); ++i) {
    text.append(i == 0 ? "" : ", ").append(names[i]);
  }
  if (names.size() > kMaxListed) text += " and " + std::to_string(names.size() - kMaxListed) + " more";
  return text;
}

}  // namespace

Misfit misfit(const Gateway& gateway, const MachineInterfaces& machine) {
  Misfit found;
  for (const std::string& name : gateway.interfaces) {
    if (!machine.contains(name)) found.missing[name] = there_is(name, machine);
  }
  if (!found.missing.empty()) return found;
  bool outside = false;
  for (const base::Address& address : gateway.addresses) {
    bool here = false;
    for (const auto& [name, own] : machine) {
      if (std::ranges::find(own, address) == own.end()) continue;
      here = true;
      if (has(gateway.interfaces, name)) outside = true;
      if (name != kLoopback) found.elsewhere[address] = name;
    }
    if (!here) found.absent.insert(address);
  }
  if (outside) found.elsewhere.clear();
  return found;
}

std::string missing_text(std::string_view name, std::string_view there_is) {
  return "there is no interface " + std::string(name) +
         " now, which 'interfaces' names: no probe is taken off there; " + std::string(there_is);
}

std::string elsewhere_text(const base::Address& address, std::string_view name) {
  return address.text() + " of 'addresses' is at " + std::string(name) +
         ", which 'interfaces' does not name: no probe is taken off there; name it, unless it is not one to the "
         "outside";
}

std::string absent_text(const base::Address& address) {
  return address.text() +
         " of 'addresses' is not on this machine now: answers and IKE do not come here until an interface has it; "
         "'ip address' shows what there is";
}

std::vector<std::string> texts(const Misfit& misfit) {
  std::vector<std::string> all;
  all.reserve(misfit.missing.size() + misfit.elsewhere.size() + misfit.absent.size());
  for (const auto& [name, there_is] : misfit.missing) all.push_back(missing_text(name, there_is));
  for (const auto& [address, name] : misfit.elsewhere) all.push_back(elsewhere_text(address, name));
  for (const base::Address& address : misfit.absent) all.push_back(absent_text(address));
  return all;
}

bool is_for(const Gateway& gateway, const MachineInterfaces& machine) {
  return std::ranges::any_of(machine, [&gateway](const auto& one) {
    return std::ranges::any_of(gateway.addresses, [&one](const base::Address& address) {
      return std::ranges::find(one.second, address) != one.second.end();
    });
  });
}

}  // namespace config
