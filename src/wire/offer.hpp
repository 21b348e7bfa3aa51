// The offer payload of a response: lists instead of one proxy, and what is exempt (docs/protocol.md section 6.2).
#pragma once

#include <cstddef>
#include <optional>

#include "wire/chain.hpp"
#include "wire/chain_writer.hpp"
#include "wire/message.hpp"

namespace wire {

/// Bytes of the payload for `offer`, its generic header included.
[[nodiscard]] std::size_t offer_length(const ListOffer& offer);

/// What the response to a probe of list_probe_length() has for an offer of that family beside all else that a response
/// has, a keyed hash included; `is_signed`: to one of signed_probe_length(), with a signature. What an end tells must
/// not depend on more than that, lest the two ends of a tunnel come to different selectors.
[[nodiscard]] base::OfferRoom response_room(base::Family family, bool is_signed = false);

/// Reads a payload of kind kOffer.
[[nodiscard]] bool decode_offer(const Payload& payload, std::optional<ListOffer>& offer, DecodeError& error);

/// Writes a payload of offer_length() bytes. At most kMaxOfferEnds ends a side, and exemptions; all of one family;
/// ports stand only beside a protocol that has them, or as type and code beside ICMP.
void encode_offer(const ListOffer& offer, ChainWriter& out);

}  // namespace wire
