#include "platform/inject/error.hpp"

#include <system_error>

namespace inject {
namespace {

const char* what(ErrorCode code) {
  switch (code) {
    case ErrorCode::kNoPermission: return "no right to open a raw socket (CAP_NET_RAW, CAP_NET_ADMIN)";
    case ErrorCode::kPolicyBypassRefused: return "the kernel takes no IPsec policy on a socket";
    case ErrorCode::kNoDevice: return "the interface is missing or down";
    case ErrorCode::kMalformed: return "no IP packet of the length that its header says";
    case ErrorCode::kNoFamily: return "this machine does not speak that IP version";
    case ErrorCode::kNoRoute: return "no route to the destination";
    case ErrorCode::kFiltered: return "an output rule dropped the packet";
    case ErrorCode::kTooLong: return "the packet is longer than its way out takes";
    case ErrorCode::kQueueFull: return "no room for the packet now";
    case ErrorCode::kRoutingRule: return "the kernel takes no routing rule for the mark of our packets";
    case ErrorCode::kSystem: break;
  }
  return "the raw socket failed";
}

}  // namespace

std::string text(const Error& error) {
  return what(error.code) + (error.system == 0 ? std::string{} : ": " + std::generic_category().message(error.system));
}

}  // namespace inject
