// What interfaces stand for in rules, and how long they still do when they have lost it.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/prefix.hpp"
#include "base/time.hpp"
#include "config/resolve.hpp"
#include "platform/rtnl/networks.hpp"

namespace tedd {

/// What the machine says counts at once where it closes something, and never in a hurry where it would open something:
/// a network that an interface lost is held for a while, one of an interface that is down, gone or without networks
/// until it has some again. Rules that let pass hold nothing. A pure value.
class HeldNetworks {
 public:
  /// A routing daemon that restarts, or a route that flaps, is back by then.
  static constexpr base::Duration kHold = std::chrono::seconds(30);

  HeldNetworks() = default;
  /// Of these interfaces nothing is known yet.
  explicit HeldNetworks(std::span<const std::string> names);

  /// What was behind them in an earlier life, before they are observed: held like networks that they have just lost.
  void recall(const config::NetworksByName& before);
  /// The interfaces as the machine says that they are; what it says of others is left out.
  void observe(const std::map<std::string, rtnl::Interface, std::less<>>& seen, base::Instant now);
  /// Lets go of what was held long enough.
  void expire(base::Instant now);
  /// When expire() has something to do.
  [[nodiscard]] std::optional<base::Instant> next_deadline() const;

  [[nodiscard]] std::vector<std::string> names() const;
  [[nodiscard]] config::NetworksByName networks() const;
  /// Those that are down, gone or without networks.
  [[nodiscard]] std::vector<std::string> lost() const;

 private:
  struct Held {
    bool stands = false;                                          ///< it is up and has networks
    std::vector<base::Prefix> present;                            ///< ascending
    std::map<base::Prefix, std::optional<base::Instant>> missed;  ///< until when; nothing: until it stands again

    void observe(const rtnl::Interface& seen, base::Instant now);
  };
  std::map<std::string, Held, std::less<>> held_;
};

/// What came and what went for rules that protect: `lan0: 10.5.0.0/16 came; lan1: 10.6.0.0/24 went`. Of each a few.
[[nodiscard]] std::string difference(const config::NetworksByName& before, const config::NetworksByName& after);

}  // namespace tedd
