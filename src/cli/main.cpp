// tedctl: asks tedd, and answers offline what needs no daemon.
#include "cli/arguments.hpp"
#include "cli/output.hpp"

int main(int argc, char** argv) {
  const cli::Invocation invocation = cli::parse_arguments(argc, argv);
  cli::ExitStatus status = invocation.status;
  if (invocation.command) status = invocation.command();
  if (!cli::output_arrived()) {
    cli::complain({"the answer could not be written", {}});
    status = cli::ExitStatus::kNo;
  }
  return static_cast<int>(status);
}
