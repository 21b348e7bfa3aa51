// What the engine is told: a closed set of values. Each comes from one platform adapter or from the control socket.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/flow.hpp"
#include "base/selector.hpp"
#include "engine/authorisation.hpp"
#include "policy/carve.hpp"
#include "policy/snapshot.hpp"
#include "wire/message.hpp"

namespace engine {

/// charon's unique id of a CHILD_SA.
enum class TunnelId : std::uint64_t {};
/// Given by whoever asks for a trace, returned with its result.
enum class TraceId : std::uint64_t {};

/// The guard dropped a packet of this flow: it needs protection and no tunnel carries it.
struct FlowCaught {
  base::Flow flow;
  base::Bytes packet{};      ///< the packet itself where its rule says first_packet = "hold", else empty
  bool about_probe = false;  ///< it is an ICMP error about a probe that travelled on
};

/// An IP packet that looks like a probe, a response, or an ICMP error about a probe was taken off the wire.
struct DatagramCaught {
  base::Bytes packet;
};

/// A CHILD_SA of ours stands, whoever asked for it; told again for those found at start.
struct TunnelUp {
  TunnelId id{};
  base::Address peer;
  base::Address gateway;                         ///< our end
  std::vector<base::Selector> selectors;         ///< written from our side
  std::optional<wire::Cookie> cookie;            ///< of the discovery that asked for it, when that was ours
  std::optional<Authorisation> authorisation{};  ///< nothing where peers are not told apart
};

/// It is gone, whoever ended it.
struct TunnelDown {
  TunnelId id{};
};

/// The same tunnel goes on under a new id: a rekeying. The peer may have narrowed it on this occasion.
struct TunnelRekeyed {
  TunnelId before{};
  TunnelUp now;
};

/// What the peer of a standing tunnel may speak for was asked anew: its certificate, the revocation lists or the
/// configuration are others now.
struct TunnelAuthorised {
  TunnelId id{};
  Authorisation authorisation;
};

/// strongSwan could not bring up what BringUp asked for.
struct BringUpFailed {
  wire::Cookie cookie{};
  std::string reason;  ///< for people: class and charon's words
};

/// A new policy is in force from now on. Never null.
struct PolicyReplaced {
  std::shared_ptr<const policy::Snapshot> policy;
};

/// How selectors can be written became known; the kernel's way, the stricter one, holds until then.
struct DataPlaneFound {
  policy::DataPlane plane = policy::DataPlane::kKernel;
};

/// What is no other machine's: the addresses of this one, and those that name all hosts of a network around it. No
/// gateway is answered there. Told at start and after each change.
struct MachineAddresses {
  std::vector<base::Address> addresses;
};

/// Routes or addresses of this machine changed: what failed a moment ago may work now.
struct RoutesChanged {};

/// One discovery for the asker, without a tunnel.
struct TraceRequested {
  TraceId id{};
  base::Flow flow;
};

/// Take down every tunnel to the peer and forget its failures.
struct PeerForgotten {
  base::Address peer;
};

using Event =
    std::variant<FlowCaught, DatagramCaught, TunnelUp, TunnelDown, TunnelRekeyed, TunnelAuthorised, BringUpFailed,
                 PolicyReplaced, DataPlaneFound, MachineAddresses, RoutesChanged, TraceRequested, PeerForgotten>;

}  // namespace engine
