// The two messages of Tunnel Endpoint Discovery as values: what a datagram says, not how it says it.
// Sources: the seed, sections 2.1 and 2.2; docs/protocol.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>

#include "base/flow.hpp"
#include "base/masked_address.hpp"
#include "base/offer.hpp"
#include "base/selector.hpp"

namespace wire {

/// An ISAKMP cookie (RFC 2408 section 2.5.3): eight bytes that mean nothing to anybody but their maker.
using Cookie = std::array<std::uint8_t, 8>;

/// Extensions that a peer can speak; each is used only when both ends announce it. Unknown bits are ignored.
struct Capabilities {
  std::uint32_t bits = 0;

  static constexpr std::uint32_t kSelectorList = 1U << 0;
  static constexpr std::uint32_t kKeyedHash = 1U << 1;     ///< it proves itself so, and reads such a proof
  static constexpr std::uint32_t kSignature = 1U << 2;     ///< likewise
  static constexpr std::uint32_t kTellsTunnels = 1U << 3;  ///< the next bit means something
  static constexpr std::uint32_t kTunnelStands = 1U << 4;  ///< a tunnel of the sender's carries the flow
  static constexpr std::uint32_t kTunnelComing = 1U << 5;  ///< the sender is bringing one up with the receiver

  static constexpr std::uint32_t kTunnelMine = 1U << 6;   ///< the one that stands is one that the sender asked for
  static constexpr std::uint32_t kTunnelYours = 1U << 7;  ///< … that the receiver asked for

  /// In a probe: the sender repeats it with the responder's cookie in its header when it is asked to. In a response
  /// with nothing but its gateway: the responder asks for that (docs/protocol.md section 12.4).
  static constexpr std::uint32_t kEchoes = 1U << 8;

  static constexpr std::uint32_t kObserves = 1U << 9;  ///< the sender brings up no tunnel: it only wants to know

  [[nodiscard]] constexpr bool has(std::uint32_t bit) const { return (bits & bit) != 0; }

  bool operator==(const Capabilities&) const = default;
};

/// "Which gateway stands before this flow's destination?"
struct Probe {
  Cookie initiator_cookie{};
  base::Address gateway;                          ///< the initiating gateway: where an answer goes
  std::optional<base::MaskedAddress> half_proxy;  ///< the source half proxy; may be left out
  std::optional<Capabilities> capabilities;
  std::optional<base::Flow> summary;  ///< P; nothing in the draft form
  std::size_t proof_at = 0;           ///< where its proof begins (wire/proof.hpp); 0: it has none. Not encoded.
  Cookie echo{};                      ///< the responder cookie that it was asked to repeat; zero: none

  [[nodiscard]] bool has(std::uint32_t capability) const { return capabilities && capabilities->has(capability); }

  bool operator==(const Probe&) const = default;
};

/// The whole of what the responder's rule protects, for peers that take lists.
struct ListOffer {
  base::Offer offer;          ///< written from the responder's side
  bool takes_ranges = false;  ///< its data plane takes ranges of ports, not only blocks that are a value with a mask

  bool operator==(const ListOffer&) const = default;
};

/// "I do, and this is what I protect."
struct Response {
  Cookie initiator_cookie{};                      ///< the probe's
  Cookie responder_cookie{};                      ///< unique, not zero
  base::Address gateway;                          ///< the responding gateway: the tunnel's other end
  std::optional<base::MaskedAddress> half_proxy;  ///< the responder's local half proxy
  std::optional<Capabilities> capabilities;
  std::optional<base::Selector>
      proxy;                        ///< the full proxy, written from the responder's side; nothing in the draft form
  std::optional<ListOffer> list{};  ///< beside a proxy only, and when both ends announce kSelectorList
  std::size_t proof_at = 0;         ///< as a probe's

  [[nodiscard]] bool has(std::uint32_t capability) const { return capabilities && capabilities->has(capability); }
  /// It answers nothing yet: it asks that the probe be sent once more, with this responder cookie.
  [[nodiscard]] bool asks_for_echo() const { return !proxy && !half_proxy; }

  bool operator==(const Response&) const = default;
};

using Message = std::variant<Probe, Response>;

}  // namespace wire
