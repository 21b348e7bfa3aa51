// Any line on the control socket, in either direction: a value or an error, and what was read of a value is written and
// read again.
#include <array>
#include <string>
#include <string_view>

#include "control/reply.hpp"
#include "control/request.hpp"
#include "fuzz/fuzz.hpp"

namespace {

constexpr std::array kCommands = {control::Command::kStatus,  control::Command::kTunnels,  control::Command::kPending,
                                  control::Command::kPeers,   control::Command::kCounters, control::Command::kRules,
                                  control::Command::kTrace,   control::Command::kWhy,      control::Command::kReload,
                                  control::Command::kObserve, control::Command::kHistory,  control::Command::kForget,
                                  control::Command::kRelease, control::Command::kWatch};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string line(data, data + size);
  if (const auto request = control::decode_request(line)) {
    const auto again = control::decode_request(control::encode(*request));
    require(again.has_value() && *again == *request);
    require(control::command_named(control::name(request->command)) == request->command);
    static_cast<void>(control::changes_something(request->command));
  }
  for (const auto command : kCommands) {
    const auto reply = control::decode_reply(line, command);
    if (!reply) continue;
    // Of a member that is there twice one is written.
    const std::string written = control::encode(*reply);
    const auto again = control::decode_reply(written, command);
    require(again.has_value() && control::encode(*again) == written);
  }
  if (const auto event = control::decode_event(line)) {
    const std::string written = control::encode(*event);
    const auto again = control::decode_event(written);
    require(again.has_value() && control::encode(*again) == written);
  }
  return 0;
}
