// The ID payload (RFC 2407 section 4.6.2): a gateway's address, or a half proxy.
#pragma once

#include <optional>

#include "base/masked_address.hpp"
#include "wire/chain.hpp"
#include "wire/chain_writer.hpp"

namespace wire {

/// The first ID payload: it names one address. Protocol and port are 0, or those of IKE itself (17 and 500).
[[nodiscard]] bool decode_gateway(const Payload& payload, base::Address& gateway, DecodeError& error);

/// The second ID payload: a subnet with a mask of any shape, or a single host. Protocol and port are 0.
[[nodiscard]] bool decode_half_proxy(const Payload& payload, std::optional<base::MaskedAddress>& half_proxy,
                                     DecodeError& error);

/// Each writes one payload of id_length() bytes.
void encode_gateway(const base::Address& gateway, ChainWriter& out);
void encode_half_proxy(const base::MaskedAddress& half_proxy, ChainWriter& out);

}  // namespace wire
