// One rule of policy: what a line of configuration says.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/masked_address.hpp"
#include "base/port_range.hpp"
#include "base/prefix.hpp"
#include "base/protocol.hpp"

namespace policy {

enum class Action : std::uint8_t { kProtect, kBypass, kBlock };
enum class OnFailure : std::uint8_t { kBlock, kBypass };
enum class FirstPacket : std::uint8_t { kDrop, kHold };
/// What an asker is told that does not prove who it is.
enum class Disclose : std::uint8_t {
  kAll,      ///< the whole of what the rule protects
  kFlow,     ///< the part between the two hosts of the flow that was asked for
  kNothing,  ///< no answer
};

/// Every pair of a local and a remote entry of one family is one line of the rule: the cross product is one rule.
/// For ICMP, local_port is the type and remote_port the code, and neither is swapped when the rule is mirrored.
struct Rule {
  std::string name;
  Action action = Action::kProtect;
  std::vector<base::MaskedAddress> local;
  std::vector<base::MaskedAddress> remote;
  std::optional<base::Protocol> protocol;  ///< nothing: any
  base::PortRange local_port;
  base::PortRange remote_port;
  bool discover = true;
  bool respond = true;
  bool draft = false;  ///< speak with peers of versions 1 and 2 as well (policy/halves.hpp)
  bool authenticated =
      false;  ///< only gateways that prove who they are: their answers are taken, and they are answered
  Disclose disclose = Disclose::kAll;
  std::vector<base::Prefix> askers{};  ///< the gateways that are answered; none: all
  OnFailure on_failure = OnFailure::kBlock;
  FirstPacket first_packet = FirstPacket::kDrop;
  std::uint32_t source_line = 0;  ///< line of the configuration file, for messages; 0 when it has none

  bool operator==(const Rule&) const = default;
};

}  // namespace policy
