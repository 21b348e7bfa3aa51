#include "control/remarks.hpp"

namespace control {

std::string hold_is_drop(std::string_view rule) {
  return "rule '" + std::string(rule) +
         "' says first_packet = \"hold\", which this version treats as \"drop\": what a flow sends before its tunnel "
         "stands is lost, not kept";
}

}  // namespace control
