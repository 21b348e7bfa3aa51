// Two gateways in network namespaces of our own, each with a real charon (userspace ESP), for the test of the glue.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>

namespace vici_lab {

/// Runs a shell command quietly; true when it succeeds.
bool run(const std::string& command);

/// Why this machine cannot run the lab; empty when it can.
std::string missing();

/// A folder, two namespaces joined by a veth pair (192.0.2.1 and 192.0.2.2), and up to two charons. Everything that it
/// made goes with it, and it ends only processes that it started.
class Lab {
 public:
  Lab();
  ~Lab();
  Lab(const Lab&) = delete;
  Lab& operator=(const Lab&) = delete;

  [[nodiscard]] bool is_up() const { return up_; }
  /// What went wrong last: the command that failed, or what charon did and the end of its log.
  [[nodiscard]] const std::string& trouble() const { return trouble_; }
  /// Starts charon `side` (0 or 1) and waits until its socket answers.
  bool start(int side);
  /// SIGTERM, or SIGKILL as a crash would.
  void stop(int side, bool kill);
  /// Keeps what leaves charon `side`, and what comes, from passing the link, or lets it pass again.
  void pause(int side, bool paused);
  [[nodiscard]] std::string socket(int side) const;
  [[nodiscard]] std::string log(int side) const;

 private:
  [[nodiscard]] std::string netns(int side) const;
  bool must(const std::string& command);
  [[nodiscard]] std::string how_it_went(int side);
  void write_config(int side) const;

  std::filesystem::path folder_;
  std::string tag_;
  std::string trouble_;
  std::array<pid_t, 2> charons_{-1, -1};
  bool up_ = false;
};

}  // namespace vici_lab
