#include "policy/intersection.hpp"

#include <array>
#include <cstddef>

namespace policy {

std::string_view name(EmptyPart part) {
  static constexpr std::array<std::string_view, 5> kNames = {"protocol", "local", "remote", "local_port",
                                                             "remote_port"};
  return kNames[static_cast<std::size_t>(part)];
}

base::Result<base::Selector, EmptyPart> intersect(const base::Selector& mine, const base::Selector& theirs) {
  if (mine.protocol && theirs.protocol && mine.protocol != theirs.protocol) {
    return std::unexpected(EmptyPart::kProtocol);
  }
  if (!mine.local.meets(theirs.local)) return std::unexpected(EmptyPart::kLocal);
  if (!mine.remote.meets(theirs.remote)) return std::unexpected(EmptyPart::kRemote);
  if (!mine.local_port.meets(theirs.local_port)) return std::unexpected(EmptyPart::kLocalPort);
  if (!mine.remote_port.meets(theirs.remote_port)) return std::unexpected(EmptyPart::kRemotePort);
  return base::Selector{mine.protocol ? mine.protocol : theirs.protocol, mine.local.common(theirs.local),
                        mine.remote.common(theirs.remote), mine.local_port.common(theirs.local_port),
                        mine.remote_port.common(theirs.remote_port)};
}

}  // namespace policy
