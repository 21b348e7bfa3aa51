// The packet summary of a probe (the seed, section 2.1; docs/protocol.md section 5).
#pragma once

#include <optional>

#include "base/flow.hpp"
#include "wire/chain.hpp"
#include "wire/chain_writer.hpp"

namespace wire {

/// Reads a payload of kind kSummary: the flow of P.
[[nodiscard]] bool decode_summary(const Payload& payload, std::optional<base::Flow>& summary, DecodeError& error);

/// Writes a payload of summary_length() bytes. Source and destination are of one family.
void encode_summary(const base::Flow& flow, ChainWriter& out);

}  // namespace wire
