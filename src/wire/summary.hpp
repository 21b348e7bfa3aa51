// The packet summary of a probe (the seed, section 2.1; docs/protocol.md section 5).
#pragma once

#include "base/flow.hpp"
#include "wire/chain.hpp"

namespace wire {

/// A payload of kind kSummary: the flow of P.
[[nodiscard]] base::Result<base::Flow, DecodeError> decode_summary(const Payload& payload);

/// Writes a payload of summary_length() bytes. Source and destination are of one family.
void encode_summary(const base::Flow& flow, ChainWriter& out);

}  // namespace wire
