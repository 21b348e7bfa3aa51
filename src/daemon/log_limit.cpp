#include "daemon/log_limit.hpp"

#include <utility>

namespace tedd {

std::optional<std::uint64_t> LogLimit::admit(std::string_view name, base::Instant now) {
  Kind& kind = kind_of(name);
  if (kind.bucket.take(now)) return std::exchange(kind.held_back, 0);
  ++kind.held_back;
  return std::nullopt;
}

bool LogLimit::holds_back(Kind& kind, base::Instant now) {
  if (kind.bucket.has(now)) return false;
  ++kind.held_back;
  return true;
}

LogLimit::Kind& LogLimit::kind_of(std::string_view name) {
  auto found = kinds_.find(name);
  if (found == kinds_.end()) found = kinds_.emplace(name, Kind{}).first;
  return found->second;
}

std::string LogLimit::note(std::uint64_t held_back) {
  return held_back == 0 ? "" : " (" + std::to_string(held_back) + " more of this kind were not logged)";
}

}  // namespace tedd
