// Probes as we send them (seed, block 210).
#pragma once

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/flow.hpp"
#include "wire/message.hpp"

namespace engine {

/// The probe for a packet of that flow, to be answered at `gateway`, without a half proxy. `stands`: a tunnel of ours
/// carries the flow.
[[nodiscard]] wire::Probe probe_for(const base::Flow& flow, const wire::Cookie& cookie, const base::Address& gateway,
                                    bool stands);

/// As it goes onto the wire, to where its flow goes: the flow's source and destination, and its source port.
[[nodiscard]] base::Bytes packet_of(const wire::Probe& probe);

}  // namespace engine
