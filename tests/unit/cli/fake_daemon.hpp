// A tedd that says what a test tells it to.
#pragma once

#include <string>
#include <thread>

namespace cli_test {

/// Listens at path() for one connection, reads one line from it, sends `lines` and closes.
class FakeDaemon {
 public:
  explicit FakeDaemon(std::string lines);
  ~FakeDaemon();
  FakeDaemon(const FakeDaemon&) = delete;
  FakeDaemon& operator=(const FakeDaemon&) = delete;
  FakeDaemon(FakeDaemon&&) = delete;
  FakeDaemon& operator=(FakeDaemon&&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  /// What the client asked; waits for the conversation to end.
  [[nodiscard]] const std::string& request();

 private:
  void serve();

  std::string path_;
  std::string lines_;
  std::string request_;
  int listener_;
  std::thread thread_;
};

}  // namespace cli_test
