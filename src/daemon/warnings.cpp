#include "daemon/warnings.hpp"

#include "control/remarks.hpp"

namespace tedd {

std::vector<std::string> warnings_about(std::span<const policy::Rule> rules) {
  std::vector<std::string> warnings;
  for (const policy::Rule& rule : rules) {
    if (rule.first_packet == policy::FirstPacket::kHold) warnings.push_back(control::hold_is_drop(rule.name));
  }
  return warnings;
}

}  // namespace tedd
