// Keeps the shield at the outside interfaces: also at one that appears later, or anew.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "config/config.hpp"
#include "control/report.hpp"
#include "platform/xdp/shield.hpp"

namespace tedd {

/// Nothing here fails: a gateway without a shield serves as well, and the log and the status say why there is none.
class ShieldKeeper {
 public:
  /// Does nothing yet, and nothing ever where the configuration wants no shield.
  explicit ShieldKeeper(const config::Gateway& gateway);

  /// Puts the shield where it does not stand yet. Call it at start, and whenever the kernel tells of interfaces.
  void keep();

  /// For the status: how it stands at each interface; nothing when no shield is wanted.
  [[nodiscard]] std::optional<control::NamedValues<std::string>> places() const;
  /// What it saw and dropped; nothing when no shield is wanted, so that a zero means that all is well.
  void add_counters(control::Counters& counters) const;

 private:
  void note(const std::string& interface, const std::string& how, bool stands);

  config::Shield wish_;
  std::vector<std::string> interfaces_;
  std::optional<xdp::Shield> shield_;
  std::map<std::string, std::string> places_;  ///< as in the status
};

}  // namespace tedd
