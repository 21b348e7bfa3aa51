// The guard: the nftables table that lets protected traffic leave and enter through tunnels only.
//
// It belongs to the machine, not to the process: when tedd dies it stays, and what has no tunnel is dropped. For the
// operator it is `nft list table inet opented`; every line carries the name of its rule.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "platform/nft/edition.hpp"
#include "policy/snapshot.hpp"

namespace nft {

inline constexpr std::string_view kGuardTable = "inet opented";

/// Of its hooks: behind all that an operator's own rules do.
inline constexpr int kGuardPriority = 300;

/// The bit of a packet's mark that says "let pass because kernel ESP will carry it", from `forward` and `output` to
/// `postrouting`, which takes it off again; nobody else may use it. The topmost one: charon numbers its `%unique` marks
/// from one, its examples and container networks use low bits, and what tedd sends carries 0x3ed. What takes it off in
/// between (`meta mark set 5` in a postrouting chain of the operator) takes the last check away with it.
inline constexpr std::uint32_t kTunnelMark = 0x80000000;

/// The bit that says "not into a tunnel", from before a packet is routed until `forward`, `output` and `input`, which
/// take it off (beside.hpp), and for the net behind the guard (safety_net.hpp). The rule of inject::with_bit() has it
/// keep to the main table.
inline constexpr std::uint32_t kBesideMark = 0x40000000;

/// On what tedd sends of its own: probes, answers, and what travels on. charon has no mark unless told to (0x42 in its
/// examples), and no bit of this one is among those that container networks and VPNs test.
inline constexpr std::uint32_t kOwnMark = 0x3ed;

/// On what tedd releases: packets that it kept, and that go through their tunnel now. As it sends them; and changed so
/// by the interception, which has the kernel look route and IPsec policy up again for all that is in the packet: a raw
/// socket's own look knows no ports. The guard lets them into tunnels only, whatever of this machine's own may pass,
/// and reports none of them anew.
inline constexpr std::uint32_t kReleaseMark = 0x3ee;
inline constexpr std::uint32_t kReleasedMark = 0x3ef;

/// The NFLOG prefix of what is copied whole, to be kept until its tunnel stands.
inline constexpr std::string_view kHeldPrefix = "opented held";

struct GuardOptions {
  /// NFLOG group to which packets without a tunnel are copied.
  std::uint16_t catch_group = 0;
  /// This gateway's tunnel endpoints, whose own IKE and ESP always pass.
  std::vector<base::Address> gateway_addresses;
  /// The tun device of userspace ESP ("ipsec0"); empty where the kernel carries ESP alone.
  std::string tunnel_interface;
  /// Have the kernel put fragments together before the guard sees them, so that lines with ports can judge them: one
  /// rule that is never reached, but whose existence makes the kernel reassemble (`tproxy`; no connection tracking).
  /// When the kernel lacks it (can_reassemble()) the table is refused: try again with false. Then a fragment behind the
  /// first is dropped where a protect or block line with ports covers its addresses and protocol, since it may belong
  /// to that line.
  bool reassemble = true;
  /// The interfaces to the outside. What is forwarded from one of them is judged by the inbound lines, what is
  /// forwarded from elsewhere by the outbound lines, and what goes from outside to outside by both. Empty: there is no
  /// outside, and all that is forwarded is judged by the outbound lines. No protected network may lie behind one: what
  /// comes out of a tunnel is not let out there.
  std::vector<std::string> interfaces{};
};

/// A chain by which packets enter the guard.
struct Hook {
  std::string_view chain;
  std::uint32_t number = 0;  ///< NF_INET_…
  int priority = 0;
  std::string_view type = "filter";  ///< or `route`: what it marks is routed anew
};
/// All of them. In each edition a chain of that name judges what comes by it.
[[nodiscard]] std::vector<Hook> hooks(const GuardOptions& options);

/// How the policy's lines are asked.
enum class Form : std::uint8_t {
  kLines,  ///< each of them, in order, with its rule's name and a counter
  kPlan,   ///< as add_plan() says
};

/// The text of one transaction that puts the guard for `policy` into the table, as that edition. Nothing leads to it
/// yet: replace_guard() puts it in force. Tunnels and openings (dynamic.hpp) start empty: append their texts.
///
/// A packet meets, in this order: what leaves through or came out of a tunnel passes (unless it came out of one and
/// would leave by an outside interface: then it is judged by the inbound and by the outbound lines); what must pass for
/// tunnels and discovery to exist passes (below); then the policy's rules in order, each with its outbound line (source
/// in the local side) and its inbound line (destination in the local side); what matches none passes. `forward` has
/// both lines (each for its direction, which `interfaces` tells), `output` the outbound ones only and `input` the
/// inbound ones only, in the same chains `leaving` and `arriving`: what this machine itself sends to a protected host,
/// and what that host sends to this machine, does not cross the gateway.
///   protect, outbound: caught (copied to NFLOG once a second per flow, the copy cut to 256 bytes unless a rule holds
///     first packets) and always dropped; with `discover = false` dropped only. Flow: addresses, protocol, destination
///     port, and source port where some rule selects by local port; type and code for ICMP.
///   protect, inbound: it came in the clear: dropped.
///   block: dropped both ways. bypass: passes both ways.
/// With a tunnel interface, what is for a network behind a tunnel of userspace ESP and not for the tunnel is kept out
/// of that interface, before all of this (beside.hpp). At the very end, in `postrouting`, what was let pass for a
/// tunnel of kernel ESP and no longer has one is dropped: address translation looks the IPsec policy up anew, for the
/// new address.
///
/// Always passes, because without it nothing else works:
///   - IKE (UDP source, and for what comes in destination, 500 and 4500), ESP and AH of the gateway's own addresses, in
///     output and input;
///   - TED probes and responses of up to 4096 bytes anywhere: they must reach the far gateway, also past a gateway
///   whose tedd is dead;
///   - the loopback interface;
///   - what never leaves a link and IP needs to work: neighbour and router discovery, MLD, IGMP, in output and input;
///   - ICMP "unreachable" and "packet too big" to the gateway's own addresses, in input: path MTU for ESP. They
///     carry nothing out, and the kernel checks them against its own sockets and SAs. ICMP errors that leave
///     are judged by the rules like all else, and in the clear by an outside interface once more, in `postrouting`: by
///     the packet that they quote (quoted.hpp).
///
/// As kPlan, `leaving` and `arriving` are empty, and what add_plan() needs is there. Without reassembly the lines are
/// written all the same: a plan cannot judge fragments.
[[nodiscard]] std::string guard_ruleset(const policy::Snapshot& policy, const GuardOptions& options, Edition edition,
                                        Form form = Form::kLines);

/// The text that takes the guard away; no error when there is none.
[[nodiscard]] std::string remove_guard_ruleset();

}  // namespace nft
