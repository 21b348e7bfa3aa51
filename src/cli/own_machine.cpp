#include "cli/own_machine.hpp"

#include <cstring>
#include <ifaddrs.h>
#include <memory>
#include <netinet/in.h>
#include <optional>

namespace cli {

namespace {

struct Free {
  void operator()(ifaddrs* list) const { freeifaddrs(list); }
};

/// The kernel's structure is one of many behind one pointer: it is copied out, whatever its alignment.
template <class T>
T copied(const sockaddr* from) {
  T into{};
  std::memcpy(&into, from, sizeof into);
  return into;
}

std::optional<base::Address> address_of(const sockaddr* from) {
  if (from == nullptr) return std::nullopt;
  if (from->sa_family == AF_INET) return base::Address::v4(ntohl(copied<sockaddr_in>(from).sin_addr.s_addr));
  if (from->sa_family != AF_INET6) return std::nullopt;
  const auto six = copied<sockaddr_in6>(from);
  base::Uint128 value = 0;
  for (const unsigned char byte : six.sin6_addr.s6_addr) value = value << 8 | byte;
  return base::Address(base::Family::kV6, value);
}

}  // namespace

config::MachineInterfaces own_machine() {
  config::MachineInterfaces machine;
  ifaddrs* first = nullptr;
  if (getifaddrs(&first) != 0) return machine;
  const std::unique_ptr<ifaddrs, Free> list(first);
  for (const ifaddrs* one = list.get(); one != nullptr; one = one->ifa_next) {
    auto& addresses = machine[one->ifa_name];  // one without an address is listed by its link alone
    if (const auto address = address_of(one->ifa_addr)) addresses.push_back(*address);
  }
  return machine;
}

}  // namespace cli
