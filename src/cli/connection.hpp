// A connection to tedd's control socket: lines out, lines in.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/text_error.hpp"
#include "cli/exit_status.hpp"

namespace cli {

/// What to do next when tedd does not answer as it should.
inline constexpr const char* kLookAtTedd = "see whether tedd runs, and what it says: journalctl -u tedd";

/// Why there is no answer, and how the command ends.
struct ConnectionError {
  ExitStatus status = ExitStatus::kNo;
  base::TextError error;
};

class Connection {
 public:
  /// kNotRunning when nobody listens at `path`; kUsage when it cannot be a socket's path; kNo for everything else, such
  /// as a lack of rights.
  [[nodiscard]] static base::Result<Connection, ConnectionError> open(const std::string& path);

  Connection(Connection&& other) noexcept;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  Connection& operator=(Connection&&) = delete;
  ~Connection();

  /// Sends the line and a line feed. A daemon that has closed the connection meanwhile may have said why: receive()
  /// tells.
  [[nodiscard]] base::Result<void, ConnectionError> send(std::string_view line) const;

  /// The next line without its line feed, waited for no longer than `patience` (for ever when there is none). Nothing
  /// when the daemon closed the connection between two lines.
  [[nodiscard]] base::Result<std::optional<std::string>, ConnectionError> receive(
      std::optional<std::chrono::seconds> patience);

  /// What poll() waits at for receive_ready().
  [[nodiscard]] int descriptor() const { return socket_; }

  /// The lines that are there already. kNotRunning when there is none and the daemon closed the connection.
  [[nodiscard]] base::Result<std::vector<std::string>, ConnectionError> receive_ready();

 private:
  explicit Connection(int socket) : socket_(socket) {}

  std::optional<std::string> take_line();
  /// False at the end of the stream.
  base::Result<bool, ConnectionError> receive_some();

  int socket_;
  std::string received_;
  std::size_t searched_ = 0;  ///< bytes of received_ that hold no line feed
};

}  // namespace cli
