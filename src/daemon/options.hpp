// The command line of tedd.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace tedd {

/// Exit statuses that others rely on (sysexits.h for the configuration).
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailure = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitConfig = 78;

enum class Mode : std::uint8_t { kRun, kCheck, kRelease, kVersion, kHelp };

struct Options {
  Mode mode = Mode::kRun;
  std::string config = "/etc/opented/tedd.toml";
  std::string state;  ///< where the policy in force is kept; empty: nowhere
};

inline constexpr const char* kUsage =
    "usage: tedd [--config FILE] [--state FOLDER] [--check | --release | --version | --help]\n"
    "  --config FILE  the configuration; /etc/opented/tedd.toml by default\n"
    "  --state FOLDER keep the policy in force there, and put its guard in place when a start fails; by default\n"
    "                 $STATE_DIRECTORY, which systemd sets\n"
    "  --check        say what is wrong with the configuration, and end\n"
    "  --release      take the guard of a stopped tedd down: protected flows then pass in the clear\n";

/// Where systemd says that the policy in force is kept; empty outside it.
[[nodiscard]] std::string state_folder();
/// The options, or what is wrong with them. Reads STATE_DIRECTORY where --state is not given.
[[nodiscard]] base::Result<Options, std::string> parse_options(int count, char** arguments);

}  // namespace tedd
