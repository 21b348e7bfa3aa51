// The connection to tedd when it ends in an untimely moment.
#include "cli/connection.hpp"

#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "unit/cli/run.hpp"

namespace cli_test {
namespace {

/// Somebody who listens, and says and closes when the test wants it.
class Listener {
 public:
  Listener() : path_(scratch() + "/untimely.sock"), socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
    ::unlink(path_.c_str());
    EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(socket_, 1), 0);
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() {
    ::close(socket_);
    ::unlink(path_.c_str());
  }

  [[nodiscard]] const std::string& path() const { return path_; }
  void refuse(std::string_view words) const {
    const int client = ::accept(socket_, nullptr, nullptr);
    EXPECT_EQ(::send(client, words.data(), words.size(), MSG_NOSIGNAL), static_cast<ssize_t>(words.size()));
    ::close(client);
  }

 private:
  std::string path_;
  int socket_;
};

constexpr std::chrono::seconds kPatience{5};

// As when all places at the control socket are taken: what is said is there before the question. Nothing: it was
// closed.
std::optional<std::string> told_before_asking(const std::string& said) {
  const Listener tedd;
  auto connection = cli::Connection::open(tedd.path());
  if (!connection) {
    ADD_FAILURE() << "no connection";
    return std::nullopt;
  }
  tedd.refuse(said);
  EXPECT_TRUE(connection->send("status"));
  auto line = connection->receive(kPatience);
  if (line) return *std::move(line);
  ADD_FAILURE() << line.error().error.message;
  return std::nullopt;
}

TEST(Connection, WhoIsRefusedBeforeItHasAskedIsToldWhy) {
  EXPECT_EQ(told_before_asking("no room\n"), "no room");
}

TEST(Connection, OneThatIsClosedWithoutAWordIsClosed) {
  EXPECT_EQ(told_before_asking(""), std::nullopt);
}

}  // namespace
}  // namespace cli_test
