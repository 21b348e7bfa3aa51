// A policy out of a configuration file, for the commands that work offline.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/prefix.hpp"
#include "base/result.hpp"
#include "base/text_error.hpp"
#include "config/config.hpp"
#include "policy/remarks.hpp"
#include "policy/snapshot.hpp"

namespace cli {

/// What `--interface NAME=PREFIX[,PREFIX…]` gives: what the file cannot know of its machine.
using GivenInterfaces = std::map<std::string, std::vector<base::Prefix>, std::less<>>;

/// Adds one such text; a name that is there already gets more. No prefix (`lan0=`): there is nothing behind it.
[[nodiscard]] base::Result<void, base::TextError> add_interface(std::string_view text, GivenInterfaces& interfaces);

/// What a file says together with what was given.
struct LoadedRules {
  std::vector<policy::Rule> rules;
  std::vector<policy::Remark> idle;  ///< those that match nothing, because their interfaces have nothing
  config::Ike ike{};
  config::Gateway gateway{};
  config::Discovery discovery{};
};
/// Or every mistake in it; an interface whose networks were not given is one, and `option` is what gives them.
[[nodiscard]] base::Result<LoadedRules, std::vector<config::ConfigError>> load_rules(const std::string& file,
                                                                                     const GivenInterfaces& interfaces,
                                                                                     std::string_view option);

/// load_rules() as a policy; nothing, and every mistake complained about, when the file is not good.
[[nodiscard]] std::optional<policy::Snapshot> load_policy(const std::string& file, const GivenInterfaces& interfaces,
                                                          std::string_view option);

}  // namespace cli
