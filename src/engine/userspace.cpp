#include "engine/userspace.hpp"

#include "base/protocol.hpp"

namespace engine {

std::optional<std::string> unseen_ports(const base::Selector& box, std::string_view where) {
  using base::Protocol;
  if (box.local_port.is_any() && box.remote_port.is_any()) return std::nullopt;
  if (!box.protocol || *box.protocol == Protocol::kTcp || *box.protocol == Protocol::kUdp) return std::nullopt;
  return "the tunnel would be for " + box.text() + ", and strongSwan's userspace ESP " + std::string(where) +
         " sees ports of TCP and UDP only, so a tunnel for " + base::text(*box.protocol) +
         (base::is_icmp(*box.protocol) ? " of some types" : " of some ports") +
         " carries nothing: use the kernel's ESP, or rules that do not tell them apart";
}

std::optional<std::string> own_end(const base::Selector& box, const base::Address& gateway, const base::Address& peer,
                                   std::string_view where) {
  if (!box.remote.contains(peer) && !box.local.contains(gateway)) return std::nullopt;
  return "the tunnel to " + peer.text() + " would protect one of its own ends (" + box.text() +
         "); strongSwan's userspace ESP " + std::string(where) + " routes what it protects by destination, so " +
         "ESP and IKE would enter it as well: use the kernel's ESP, or protect other addresses";
}

}  // namespace engine
