// Probes as we send them (seed, block 210).
#pragma once

#include <cstdint>
#include <optional>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/flow.hpp"
#include "engine/authenticator.hpp"
#include "engine/tunnels.hpp"
#include "wire/message.hpp"

namespace engine {

/// The probe for a packet of that flow, to be answered at `gateway`, without a half proxy. `tunnel`: the one of ours
/// that carries the flow; null when none does.
[[nodiscard]] wire::Probe probe_for(const base::Flow& flow, const wire::Cookie& cookie, const base::Address& gateway,
                                    const Tunnel* tunnel);

/// Who asked for the tunnel that a probe says to stand, written from our side; nothing when it does not tell.
[[nodiscard]] std::optional<Asker> asker_in(const wire::Probe& probe);

/// The capabilities that say so.
[[nodiscard]] std::uint32_t bits_of(Means means);

/// As it goes onto the wire, to where its flow goes: the flow's source and destination, and its source port. With what
/// `authenticator` has it proves itself, and announces that; null: nothing.
[[nodiscard]] base::Bytes packet_of(wire::Probe probe, Authenticator* authenticator = nullptr);

}  // namespace engine
