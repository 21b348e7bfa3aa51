// The connection to tedd when it ends in an untimely moment.
#include "cli/connection.hpp"

#include <gtest/gtest.h>
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

// As when all places at the control socket are taken: the answer is there before the question.
TEST(Connection, WhoIsRefusedBeforeItHasAskedIsToldWhy) {
  const Listener tedd;
  auto connection = cli::Connection::open(tedd.path());
  ASSERT_TRUE(connection);
  tedd.refuse("no room\n");
  EXPECT_TRUE(connection->send("status"));
  const auto line = connection->receive(kPatience);
  ASSERT_TRUE(line) << line.error().error.message;
  EXPECT_EQ(*line, "no room");
}

TEST(Connection, OneThatIsClosedWithoutAWordIsClosed) {
  const Listener tedd;
  auto connection = cli::Connection::open(tedd.path());
  ASSERT_TRUE(connection);
  tedd.refuse("");
  EXPECT_TRUE(connection->send("status"));
  const auto line = connection->receive(kPatience);
  ASSERT_TRUE(line) << line.error().error.message;
  EXPECT_FALSE(*line);
}

}  // namespace
}  // namespace cli_test
