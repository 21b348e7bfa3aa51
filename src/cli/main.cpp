// tedctl: asks tedd, and answers offline what needs no daemon.
#include <fcntl.h>
#include <ios>
#include <unistd.h>

#include "cli/arguments.hpp"
#include "cli/output.hpp"

namespace {

// One that is closed would be the next that is opened, and what is printed would go to tedd's socket or into a file.
// What stands in for it can be neither read nor written, so that it fails as the closed one would.
void occupy_standard_descriptors() {
  for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor) {
    if (fcntl(descriptor, F_GETFD) >= 0) continue;
    if (open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY) != descriptor)
      _exit(1);  // nothing is there yet that would want to be cleaned up
  }
}

}  // namespace

int main(int argc, char** argv) {
  occupy_standard_descriptors();
  std::ios::sync_with_stdio(false);  // nothing reads or writes both ways
  const cli::Invocation invocation = cli::parse_arguments(argc, argv);
  cli::ExitStatus status = invocation.status;
  if (invocation.command) status = invocation.command();
  if (!cli::output_arrived()) {
    cli::complain({"the answer could not be written", "is the disk full, or has who reads it gone?"});
    status = cli::ExitStatus::kNo;
  }
  return static_cast<int>(status);
}
