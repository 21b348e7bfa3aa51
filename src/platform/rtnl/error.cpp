#include "platform/rtnl/error.hpp"

#include <system_error>

namespace rtnl {
namespace {

const char* what(ErrorCode code) {
  switch (code) {
    case ErrorCode::kNoSocket: return "no netlink socket for routes";
    case ErrorCode::kRefused: return "the kernel does not list its links, addresses and routes";
    case ErrorCode::kInterrupted: return "addresses and routes change too fast to be listed";
    case ErrorCode::kTooMany: return "there are more addresses and routes than are listed";
  }
  return "";
}

}  // namespace

std::string text(const Error& error) {
  return what(error.code) + (error.system == 0 ? std::string{} : ": " + std::generic_category().message(error.system));
}

}  // namespace rtnl
