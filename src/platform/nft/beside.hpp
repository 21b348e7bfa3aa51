// What goes to a network behind a tunnel of userspace ESP, and not into the tunnel.
//
// strongSwan's userspace ESP routes each network of a tunnel's remote side into its own device, by destination alone
// (table 220), and drops there what no tunnel carries: also what policy leaves in the clear. So what is for such a
// network and for no tunnel is marked before it is routed, and a routing rule before strongSwan's
// (inject::with_bit()) has the mark keep to the main table. The guard judges it there like all else: what policy
// protects is caught or dropped.
#pragma once

#include <span>

#include "base/address.hpp"
#include "base/selector.hpp"
#include "platform/nft/batch.hpp"
#include "platform/nft/edition.hpp"
#include "platform/nft/ruleset_text.hpp"

namespace nft {

/// The chains `prerouting` and `reroute`, by which what is forwarded and what this machine sends come here;
/// `own_beside` and `beside`, and the sets `behind4` and `behind6`, which are empty. The chain `tunnels` must be there.
/// What tedd and charon send from `gateway_addresses` is left alone where it has a mark: tedd's rule and charon's own
/// (`fwmark` in its configuration) keep it out of tunnels already, and whoever compares the whole of that mark goes on
/// finding it.
void write_beside(Text& text, std::span<const base::Address> gateway_addresses);

/// Takes the mark off, where the packet has been routed: for the head of a chain. Nobody else sees it.
void write_beside_end(Text& text);

/// One transaction that makes the remote sides of `wanted` what `behind4` and `behind6` hold, where they hold those of
/// `standing`; empty when nothing is to do, and additions alone where that will do. With kernel ESP both are empty.
/// That edition of the guard must be there.
[[nodiscard]] Batch behind_update(std::span<const base::Selector> standing, std::span<const base::Selector> wanted,
                                  Edition edition);

}  // namespace nft
