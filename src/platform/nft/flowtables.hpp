// The flowtables of this machine: what carries flows past the guard.
//
// A flow that a rule puts into one (`flow add @f`) is forwarded at the ingress hook of its devices from then on: no
// forward chain sees it, and the IPsec policies of the kernel are not asked anew.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "platform/nft/error.hpp"
#include "platform/nft/link.hpp"

namespace nft {

struct Flowtable {
  std::string family;  ///< `inet`, `ip` or `ip6`
  std::string table;
  std::string name;
  std::vector<std::string> devices;  ///< in order; none of them: it carries nothing, yet

  bool operator==(const Flowtable&) const = default;
};

/// As many are looked at; nobody has a use for a tenth of them.
inline constexpr std::size_t kMaxFlowtables = 256;

/// Asks the kernel; at most kMaxFlowtables. No rights beyond those of Client.
[[nodiscard]] base::Result<std::vector<Flowtable>, Error> flowtables(const Link& link);

/// What the attributes of one NFT_MSG_NEWFLOWTABLE say; what they leave out is empty.
[[nodiscard]] Flowtable flowtable_in(std::string family, base::ByteView attributes);

/// `inet filter f (lan0, wan0)`: the first three words are what `nft list flowtable` takes.
[[nodiscard]] std::string text(const Flowtable& flowtable);

}  // namespace nft
