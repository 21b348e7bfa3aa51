// A tedd that says what a test tells it to.
#pragma once

#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace cli_test {

/// Listens at path() for as many connections as there are answers: reads one line from each, sends the answer and
/// closes. Then nobody listens there any more.
class FakeDaemon {
 public:
  explicit FakeDaemon(std::string answer) : FakeDaemon(std::vector{std::move(answer)}) {}
  explicit FakeDaemon(std::vector<std::string> answers);
  ~FakeDaemon();
  FakeDaemon(const FakeDaemon&) = delete;
  FakeDaemon& operator=(const FakeDaemon&) = delete;
  FakeDaemon(FakeDaemon&&) = delete;
  FakeDaemon& operator=(FakeDaemon&&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  /// What the client asked last, or all that it asked; waits for the conversations to end.
  [[nodiscard]] const std::string& request();
  [[nodiscard]] const std::vector<std::string>& requests();

 private:
  void serve();
  std::string answer(const std::string& lines);

  std::string path_;
  std::vector<std::string> answers_;
  std::vector<std::string> requests_;
  int listener_;
  std::thread thread_;
};

}  // namespace cli_test
