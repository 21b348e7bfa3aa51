// CHILD_SAs as charon reports them in events and listings.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "platform/vici/message.hpp"

namespace vici {

/// What we put into charon starts with this, and nothing else in charon is touched or reported.
inline constexpr std::string_view kOwnPrefix = "opented-";
/// The wildcard connection that a peer's request meets.
inline constexpr std::string_view kResponderName = "opented-in";
/// The id of the shared secret.
inline constexpr std::string_view kSecretId = "opented-psk";

[[nodiscard]] constexpr bool is_own(std::string_view connection_name) {
  return connection_name.starts_with(kOwnPrefix);
}

/// One CHILD_SA that is installed, in the words of the end that we are.
struct TunnelUp {
  std::uint32_t child_id = 0;  ///< charon's unique id of the CHILD_SA; a rekeying gives a new one
  std::uint32_t ike_id = 0;    ///< of the IKE_SA around it; a rekeying of that gives a new one
  std::string connection;      ///< `opented-in`, or `opented-<peer>` where we started it
  std::string child;           ///< the child's name in the configuration
  base::Address local;
  base::Address peer;
  std::string peer_id;                ///< the peer's identity, as IKE authenticated it and charon prints it
  std::vector<std::string> local_ts;  ///< charon's text; from_ts() reads it
  std::vector<std::string> remote_ts;
  std::uint32_t spi_in = 0;
  std::uint32_t spi_out = 0;
  bool initiator = false;  ///< we started the IKE_SA

  bool operator==(const TunnelUp&) const = default;
};

struct TunnelDown {
  std::uint32_t child_id = 0;
  std::uint32_t ike_id = 0;
  std::string connection;
  std::string child;
  base::Address peer;

  bool operator==(const TunnelDown&) const = default;
};

/// A CHILD_SA took another's place without a gap: `now` is the same tunnel under a new id and new SPIs.
struct TunnelRekeyed {
  std::uint32_t old_child_id = 0;
  TunnelUp now;

  bool operator==(const TunnelRekeyed&) const = default;
};

/// An IKE_SA took another's place; its CHILD_SAs keep their ids.
struct IkeRekeyed {
  std::uint32_t old_ike_id = 0;
  std::uint32_t new_ike_id = 0;
  std::string connection;

  bool operator==(const IkeRekeyed&) const = default;
};

/// An IKE_SA of ours, whatever its state, with or without CHILD_SAs.
struct IkeSa {
  std::uint32_t id = 0;
  std::string connection;
  std::size_t children = 0;
  bool initiator = false;      ///< we started it
  bool creates_child = false;  ///< we asked the peer for a CHILD_SA in it, or are about to

  bool operator==(const IkeSa&) const = default;
};

/// The IKE_SA of a `list-sa` or `ike-updown` message; nothing when it is none of ours.
[[nodiscard]] std::optional<IkeSa> read_ike(const Message& message);
/// The installed CHILD_SAs of ours in a `list-sa` or `child-updown` message; one that is just being made or deleted is
/// left out, and so is one whose addresses do not parse.
[[nodiscard]] std::vector<TunnelUp> read_tunnels(const Message& message);
/// True when the selectors name protocols or ports in words. Charon looks those words up with getprotobynumber() and
/// getservbyport(), which share one buffer among its threads: two CHILD_SAs that it prints at once may get each
/// other's. Addresses and numbers are always its own.
[[nodiscard]] bool has_names(const TunnelUp& up);
/// The CHILD_SAs of ours in a `child-updown` message that says down.
[[nodiscard]] std::vector<TunnelDown> read_downs(const Message& message);
/// `child-rekey` and `ike-rekey`.
[[nodiscard]] std::vector<TunnelRekeyed> read_child_rekey(const Message& message);
[[nodiscard]] std::optional<IkeRekeyed> read_ike_rekey(const Message& message);

}  // namespace vici
