// The policy that was in force last, kept where a reboot finds it: a start whose configuration is refused must not
// leave open what the one before closed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"
#include "config/resolve.hpp"

namespace tedd {

/// What was in force: the file as it was taken, and what its interfaces stood for.
struct Kept {
  std::string file_text;
  config::NetworksByName networks;

  bool operator==(const Kept&) const = default;
};

/// One configuration file with the networks as comments at its end, and a last line that says that it is whole.
[[nodiscard]] std::string text(const Kept& kept);
/// What text() wrote; nothing when it is cut short, or something else.
[[nodiscard]] std::optional<Kept> parse_kept(std::string_view text);

/// `last-good.toml` in a folder.
class LastGood {
 public:
  /// Empty: nothing is kept, and nothing is found.
  explicit LastGood(std::string folder) : folder_(std::move(folder)) {}

  /// Keeps what is in force now, through a power cut as well. An error is for the log, and the file is that of before.
  [[nodiscard]] base::Result<void, std::string> keep(std::string file_text,
                                                     const config::NetworksByName& networks) const;
  /// Other networks for the same file. They change often: after a power cut those of before may be found.
  [[nodiscard]] base::Result<void, std::string> keep(const config::NetworksByName& networks) const;

  /// Nothing was in force that a start which fails would have to close again: of one that only observes.
  [[nodiscard]] base::Result<void, std::string> forget() const;

  /// What interfaces stood for; nothing where that is not known.
  [[nodiscard]] config::NetworksByName networks() const;

  /// Puts its guard in force where none stands, for a start that failed: what happened, in a sentence for the log.
  [[nodiscard]] std::string stand_in() const;

 private:
  enum class Through : std::uint8_t { kCrash, kPowerCut };

  [[nodiscard]] std::string path() const { return folder_ + "/last-good.toml"; }
  [[nodiscard]] std::optional<Kept> read() const;
  [[nodiscard]] base::Result<void, std::string> write(const Kept& kept, Through what) const;
  [[nodiscard]] base::Result<void, std::string> put_guard() const;

  std::string folder_;
};

}  // namespace tedd
