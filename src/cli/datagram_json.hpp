// TED datagrams as JSON: what `decode` prints and `encode` reads.
#pragma once

#include <cstddef>
#include <optional>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/text_error.hpp"
#include "cli/proof_json.hpp"
#include "control/json.hpp"
#include "wire/error.hpp"
#include "wire/message.hpp"

namespace cli {

/// A message and the length of its datagram, which padding can make longer than the message needs.
struct Datagram {
  wire::Message message;
  std::optional<std::size_t> length;  ///< nothing: as our encoder makes it
  std::optional<GivenProof> proof{};

  bool operator==(const Datagram&) const = default;
};

/// `{"kind", "form", "icookie", "rcookie", "gateway", "half_proxy", "capabilities", "summary", "proxy", "length"}`, and
/// `"vendor": false` when there is no payload for capabilities at all, not even an empty one. A response's proxy is
/// written from the responder's side, as it is on the wire; one with an offer has `"list": {"protocol", "local":
/// [{"address", "port"}], "remote", "exempt": [SELECTOR], "ranges"}`, too,
/// and one with a proof "proof" (cli/proof_json.hpp).
[[nodiscard]] control::Json datagram_json(const Datagram& datagram);

/// `{"error": NAME, "offset": N}`
[[nodiscard]] control::Json error_json(const wire::DecodeError& error);

/// What datagram_json() wrote, or a person changed. "form", and a probe's "rcookie", say nothing that is not known
/// already and may be left out; so may everything that can be null. "capabilities" without "vendor" asks for the
/// payload when it is not empty.
[[nodiscard]] base::Result<Datagram, base::TextError> datagram_of(const control::Json& json);

}  // namespace cli
