// The response payload of version 3: the responder's full proxy (the seed, section 2.2; docs/protocol.md section 6).
#pragma once

#include <optional>

#include "base/selector.hpp"
#include "wire/chain.hpp"
#include "wire/chain_writer.hpp"

namespace wire {

/// Reads a payload of kind kProxy. A port of 0 is any port unless its flag says that it is itself.
[[nodiscard]] bool decode_proxy(const Payload& payload, std::optional<base::Selector>& proxy, DecodeError& error);

/// Writes a payload of proxy_length() bytes. Local and remote are of one family, the protocol is not 0. Port parts are
/// any port or one port: the payload has no room for a range. The caller narrows before; of a range that comes here all
/// the same one end is written, so that nothing gets wider on the way.
void encode_proxy(const base::Selector& proxy, ChainWriter& out);

}  // namespace wire
