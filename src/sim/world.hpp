// A network of real engines in virtual time: gateways in a row, hosts between them, links that lose and change
// datagrams on demand, a model of IKE. Everything that crosses is written down as an arrow.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/flow.hpp"
#include "base/time.hpp"
#include "engine/engine.hpp"
#include "sim/random.hpp"

namespace sim {

/// What became of a datagram on a link.
enum class Fate : std::uint8_t { kArrives, kLost };

/// What became of a host's packet.
enum class Delivery : std::uint8_t {
  kEncrypted,
  kClear,
  kDropped,
  kBlackholed,  ///< in a tunnel that its other end does not have
};

struct GatewaySpec {
  std::string name;
  base::Address address;
  std::vector<policy::Rule> rules;
  engine::Authenticator* authenticator = nullptr;  ///< outlives the world
  bool observes = false;                           ///< it has no guard: what passes is copied
};

/// Gateways stand in a row from left to right; a host stands in a gap: gap 0 is left of the first gateway, gap i right
/// of the i-th. A packet between two gaps crosses the gateways between them, in order. Gateways reach each other's
/// addresses from anywhere.
class World {
 public:
  explicit World(std::uint64_t seed, base::Duration link_delay = std::chrono::milliseconds(10));
  ~World();

  /// The next gateway to the right.
  void add_gateway(GatewaySpec spec);
  /// Hosts of that prefix stand in that gap.
  void place(const base::Prefix& hosts, std::size_t gap);

  /// Decides about each discovery datagram; `what` is its arrow, e.g. "A -> B PROBE". The bytes may be changed.
  void on_link(std::function<Fate(const std::string& what, base::Bytes& packet)> judge) { judge_ = std::move(judge); }
  /// How long IKE takes, and whether it succeeds: nothing, or the reason of the failure.
  void on_ike(base::Duration takes, std::function<std::optional<std::string>(const engine::BringUp&)> judge);

  /// Routes lead around that gateway from now on, or through it again.
  void lead_around(const std::string& name, bool around = true);
  /// Time passes at once: nobody sees to any timer meanwhile.
  void jump(base::Duration span) { now_ += span; }

  /// A host sends one packet of the flow now. A gateway that catches it is handed `packet` to be held.
  Delivery send(const base::Flow& flow, const base::Bytes& packet = {});
  /// Runs timers and datagrams in flight until nothing happens before `until`.
  void run_for(base::Duration span);

  [[nodiscard]] const std::vector<std::string>& arrows() const { return arrows_; }
  [[nodiscard]] engine::Engine& engine(const std::string& name);
  /// Tells that gateway's engine something that the network itself does not bring about, and does what it wants.
  void tell(const std::string& name, engine::Event event);
  [[nodiscard]] base::Instant now() const { return now_; }
  /// What that gateway held and has sent on through its tunnels.
  [[nodiscard]] const std::vector<base::Bytes>& released(const std::string& name);
  /// What that gateway's last trace was answered with: the reason why nothing would come of it, or nothing.
  [[nodiscard]] const std::string& traced(const std::string& name);
  /// Packets that a policy on their way protects and that were delivered in the clear: must stay 0.
  [[nodiscard]] std::uint64_t leaks() const { return leaks_; }

 private:
  struct Gateway;
  using Task = std::function<void()>;

  void at(base::Duration delay, Task task);
  void handle(Gateway& gateway, engine::Event event);
  void drain(Gateway& gateway);
  void carry_out(Gateway& gateway, engine::Action action);
  void transmit(Gateway& from, base::Bytes packet);
  void arrive(Gateway* target, base::Bytes packet);
  void bring_up(Gateway& from, const engine::BringUp& action);
  void take_down(Gateway& from, engine::TunnelId id);
  [[nodiscard]] std::optional<std::size_t> gap_of(const base::Address& host) const;
  [[nodiscard]] Gateway* next_on_path(const Gateway* from, const base::Address& source,
                                      const base::Address& destination);
  [[nodiscard]] Gateway& named(const std::string& name);
  [[nodiscard]] Gateway* owner_of(const base::Address& address);
  [[nodiscard]] static const engine::TunnelUp* tunnel_for(const Gateway& gateway, const base::Flow& flow);
  [[nodiscard]] static std::string describe(const base::Bytes& packet);

  SeededRandom random_;
  SeededHash hash_;
  base::Duration delay_;
  base::Instant now_{};
  std::uint64_t order_ = 0;
  std::uint64_t last_tunnel_ = 0;
  std::uint64_t leaks_ = 0;
  std::map<std::pair<base::Instant, std::uint64_t>, Task> agenda_;
  std::vector<std::unique_ptr<Gateway>> gateways_;
  std::vector<std::pair<base::Prefix, std::size_t>> places_;
  std::vector<std::string> arrows_;
  std::function<Fate(const std::string&, base::Bytes&)> judge_;
  base::Duration ike_takes_ = std::chrono::milliseconds(30);
  std::function<std::optional<std::string>(const engine::BringUp&)> ike_judge_;
};

}  // namespace sim
