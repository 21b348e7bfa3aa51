// From the rules of the file to the rules in force: what each `interface:NAME` stands for.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/prefix.hpp"
#include "base/result.hpp"
#include "config/config.hpp"
#include "policy/remarks.hpp"
#include "policy/rule.hpp"

namespace config {

/// What one interface stands for.
struct Networks {
  std::vector<base::Prefix> present;  ///< for rules that let pass: what is there beyond doubt
  std::vector<base::Prefix> held;     ///< for rules that protect or block: also what was there a moment ago

  bool operator==(const Networks&) const = default;
};
using NetworksByName = std::map<std::string, Networks, std::less<>>;

/// The interfaces that rules speak of, each once, in the order of their names.
[[nodiscard]] std::vector<std::string> interface_names(const Config& config);

/// The networks that `use` stands for: ascending, none inside another. None for a name that is not in `networks`.
[[nodiscard]] std::vector<base::Prefix> networks_of(const Config& config, const InterfaceUse& use,
                                                    const NetworksByName& networks);

/// The rules with the networks of their interfaces behind the entries of the same side. A side that ends up with
/// nothing matches nothing. An error for each rule of more than kMaxLines lines; `file` is for messages.
[[nodiscard]] base::Result<std::vector<policy::Rule>, std::vector<ConfigError>> resolve(const Config& config,
                                                                                        const std::string& file,
                                                                                        const NetworksByName& networks);

/// Of `rules` (what resolve() gave) those that match nothing because their interfaces stand for nothing.
[[nodiscard]] std::vector<policy::Remark> idle_rules(const Config& config, std::span<const policy::Rule> rules);

/// `interface:lan0, interface:lan1`: those of one rule, of both sides.
[[nodiscard]] std::string interfaces_text(const Config& config, std::size_t rule);

}  // namespace config
