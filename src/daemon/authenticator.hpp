// How this gateway proves itself in discovery, and judges the proofs of others: by the discovery keys, and by its
// certificate and those whom it trusts (docs/protocol.md section 12).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/config.hpp"
#include "engine/authenticator.hpp"
#include "platform/crypto/discovery_key.hpp"

namespace tedd {

/// What the files of [discovery] hold.
struct DiscoveryKeys {
  std::vector<crypto::DiscoveryKey> keys;  ///< the first one proves, each of them is taken
};

/// Reads them; an error names the file, and why it is refused. No text shows any of a key.
[[nodiscard]] base::Result<DiscoveryKeys, std::string> load_discovery_keys(const config::Discovery& discovery);

class Authenticator final : public engine::Authenticator {
 public:
  /// Milliseconds since 1970: the machine's time of day.
  using Clock = std::function<std::uint64_t()>;

  explicit Authenticator(DiscoveryKeys keys, Clock clock = machine_clock);

  /// From now on these, and those before no more.
  void use(DiscoveryKeys keys) { keys_ = std::move(keys); }

  [[nodiscard]] engine::Means means() const override;
  [[nodiscard]] std::size_t length(engine::Means with) const override;
  [[nodiscard]] base::Bytes seal(base::Bytes datagram, engine::Means with) override;
  [[nodiscard]] engine::Standing judge(base::ByteView datagram, std::size_t proof_at) override;

  [[nodiscard]] static std::uint64_t machine_clock();

 private:
  DiscoveryKeys keys_;
  Clock clock_;
};

}  // namespace tedd
