// `tedctl forget PEER`: closes the tunnels to a peer and forgets what was learnt about it.
#include "cli/commands.hpp"
#include "cli/done.hpp"

namespace cli {

ExitStatus run_forget(const Context& context, const base::Address& peer) {
  return ask_and_show<control::Done>(context, {control::Command::kForget, control::ForgetArguments{peer}}, show_done);
}

}  // namespace cli
