// The policy that was in force last, kept where a reboot finds it: a start whose configuration is refused must not
// leave open what the one before closed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "config/resolve.hpp"

namespace tedd {

/// `interface lan0 held 10.1.0.0/16`, a line for each network; what parse_networks() reads.
[[nodiscard]] std::string text(const config::NetworksByName& networks);
/// What text() wrote; nothing when a line is something else.
[[nodiscard]] std::optional<config::NetworksByName> parse_networks(std::string_view text);

/// A folder with `last-good.toml`, the file as it was taken, and `last-good.networks`, what its interfaces stood for.
class LastGood {
 public:
  /// Empty: nothing is kept, and nothing is found.
  explicit LastGood(std::string folder) : folder_(std::move(folder)) {}

  /// Keep what is in force now. An error is for the log, and the files are those of before.
  [[nodiscard]] base::Result<void, std::string> keep(std::string_view file_text,
                                                     const config::NetworksByName& networks) const;
  [[nodiscard]] base::Result<void, std::string> keep(const config::NetworksByName& networks) const;

  /// What interfaces stood for; nothing where that is not known.
  [[nodiscard]] config::NetworksByName networks() const;

  /// Puts its guard in force where none stands, for a start that failed: what happened, in a sentence for the log.
  [[nodiscard]] std::string stand_in() const;

 private:
  [[nodiscard]] std::string path(std::string_view name) const { return folder_ + "/" + std::string(name); }

  std::string folder_;
};

}  // namespace tedd
