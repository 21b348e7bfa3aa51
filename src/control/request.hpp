// What tedctl asks of tedd: one JSON object on one line over the control socket.
//   {"command": "trace", "arguments": {"destination": "10.2.0.7", "protocol": 6, "port": 443}}
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/address.hpp"
#include "base/flow.hpp"
#include "base/protocol.hpp"
#include "base/result.hpp"
#include "control/error.hpp"

namespace control {

enum class Command : std::uint8_t {
  kStatus,
  kTunnels,
  kPending,
  kPeers,
  kObserve,  ///< what a gateway that only observes has found out
  kCounters,
  kRules,
  kWhy,
  kHistory,
  kWatch,  ///< a reply, then events until either side closes
  kTrace,  ///< the reply comes when the discovery has ended
  kReload,
  kForget,
  kRelease
};

/// `status`, `tunnels`, …
[[nodiscard]] std::string_view name(Command command);
[[nodiscard]] std::optional<Command> command_named(std::string_view name);
/// True for what does more than look: it sends probes, or changes what tedd and the kernel do.
[[nodiscard]] bool changes_something(Command command);

/// One discovery without a tunnel. Source and destination are of one family.
struct TraceArguments {
  base::Address destination;
  std::optional<base::Address> source;         ///< nothing: the daemon takes one that its policy protects
  std::optional<base::Protocol> protocol;      ///< nothing: the daemon takes one that its policy protects
  std::optional<std::uint16_t> port;           ///< destination port, or ICMP code
  std::optional<std::uint16_t> source_port{};  ///< or ICMP type; nothing: the daemon takes one

  bool operator==(const TraceArguments&) const = default;
};

/// Closes the tunnels to a peer and forgets what was learnt about it.
struct ForgetArguments {
  base::Address peer;

  bool operator==(const ForgetArguments&) const = default;
};

/// How that flow fares, and why.
struct WhyArguments {
  base::Flow flow;

  bool operator==(const WhyArguments&) const = default;
};

struct Request {
  Command command = Command::kStatus;
  std::variant<std::monostate, TraceArguments, ForgetArguments, WhyArguments>
      arguments;  ///< the kind that the command takes

  bool operator==(const Request&) const = default;
};

/// Longer lines are refused before they are looked at; the daemon need not keep more of a line than this.
inline constexpr std::size_t kMaxRequestLine = 4096;

/// One line, without the line feed.
[[nodiscard]] std::string encode(const Request& request);

/// The request of a line without its line feed. Any error: the daemon answers with describe(error) and may keep the
/// connection. An unknown member of the line is ignored, an unknown argument is refused: it would change the meaning.
/// Not checked: whether the daemon can do it.
[[nodiscard]] base::Result<Request, Error> decode_request(std::string_view line);

}  // namespace control
