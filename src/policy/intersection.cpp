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
  const auto local = mine.local.intersect(theirs.local);
  if (!local) return std::unexpected(EmptyPart::kLocal);
  const auto remote = mine.remote.intersect(theirs.remote);
  if (!remote) return std::unexpected(EmptyPart::kRemote);
  const auto local_port = mine.local_port.intersect(theirs.local_port);
  if (!local_port) return std::unexpected(EmptyPart::kLocalPort);
  const auto remote_port = mine.remote_port.intersect(theirs.remote_port);
  if (!remote_port) return std::unexpected(EmptyPart::kRemotePort);
  return base::Selector{mine.protocol ? mine.protocol : theirs.protocol, *local, *remote, *local_port, *remote_port};
}

}  // namespace policy
