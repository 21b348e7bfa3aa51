// `tedctl reload`: the daemon reads its configuration again; a bad one keeps the policy in force.
#include "cli/commands.hpp"
#include "cli/done.hpp"

namespace cli {

ExitStatus run_reload(const Context& context) {
  return ask_and_show<control::Done>(context, {control::Command::kReload, {}}, show_done);
}

}  // namespace cli
