// `tedctl release`: takes the guard down on purpose, so that protected traffic may leave in the clear.
#include "cli/commands.hpp"
#include "cli/done.hpp"

namespace cli {

ExitStatus run_release(const Context& context) {
  auto data = ask(context, {control::Command::kRelease, {}});
  if (!data) {
    // The guard outlives the daemon, so this is the moment at which somebody needs to know the other way.
    if (data.error().status == ExitStatus::kNotRunning) {
      data.error().error.hint = "the guard stays in force without tedd; to take it down, run: tedd --release";
    }
    return fail(data.error());
  }
  if (context.json) {
    print_json(control::data_json(*data));
  } else if (const auto* done = std::get_if<control::Done>(&*data)) {
    show_done(*done);
  }
  return ExitStatus::kOk;
}

}  // namespace cli
