// The client against a server that is nothing but the other end of a socket pair.
#include "platform/vici/connection.hpp"

#include <array>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace {

using vici::ErrorCode;
using vici::Message;
using vici::Packet;
using vici::PacketType;

class ConnectionTest : public testing::Test {
 protected:
  void SetUp() override {
    std::array<int, 2> pair{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()), 0);
    client_ = std::make_unique<vici::Connection>(pair[0]);
    server_ = pair[1];
    client_->set_close_handler([this](const vici::Error& reason) { closed_.push_back(reason); });
  }
  void TearDown() override { hang_up(); }

  void hang_up() {
    if (server_ >= 0) ::close(std::exchange(server_, -1));
  }
  void send(const base::Bytes& bytes) {
    ASSERT_EQ(::send(server_, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  void send(PacketType type, std::string name = {}, const Message& message = {}) {
    send(vici::encode_packet({type, std::move(name), message}).value());
  }
  std::optional<Packet> receive() {
    std::array<std::uint8_t, 4096> chunk{};
    const ssize_t count = ::recv(server_, chunk.data(), chunk.size(), MSG_DONTWAIT);
    if (count > 0) stream_.push({chunk.data(), static_cast<std::size_t>(count)});
    const auto packet = stream_.next().value();
    if (!packet) return std::nullopt;
    return vici::decode_packet(*packet).value();
  }
  vici::Connection::ReplyHandler record(std::vector<vici::Result<Message>>& into) {
    return [&into](vici::Result<Message> reply) { into.push_back(std::move(reply)); };
  }

  std::unique_ptr<vici::Connection> client_;
  int server_ = -1;
  vici::Deframer stream_;
  std::vector<vici::Error> closed_;
};

// A -> charon REQUEST first, REQUEST second; charon -> A the answers, in that order
TEST_F(ConnectionTest, RequestsGoAtOnceAndAreAnsweredInOrder) {
  std::vector<vici::Result<Message>> got;
  ASSERT_TRUE(client_->request("first", Message().add("a", "b"), record(got)));
  ASSERT_TRUE(client_->request("second", {}, record(got)));
  EXPECT_EQ(receive(), (Packet{PacketType::kCommandRequest, "first", Message().add("a", "b")}));
  EXPECT_EQ(receive(), (Packet{PacketType::kCommandRequest, "second", {}})) << "without an answer to the first";
  send(PacketType::kCommandResponse, {}, Message().add("n", "1"));
  client_->on_readable();
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0]->text("n"), "1");
  EXPECT_TRUE(client_->is_busy());
  send(PacketType::kCommandUnknown);
  client_->on_readable();
  EXPECT_EQ(got[1].error().code, ErrorCode::kUnknownCommand);
  EXPECT_FALSE(client_->is_busy());
  EXPECT_EQ(client_->answered(), 2U);
}

TEST_F(ConnectionTest, EventsPassBetweenRequestAndReply) {
  std::vector<std::string> events;
  client_->set_event_handler([&](std::string_view event, const Message&) { events.emplace_back(event); });
  std::vector<vici::Result<Message>> got;
  ASSERT_TRUE(client_->subscribe("log", record(got)));
  EXPECT_EQ(receive(), (Packet{PacketType::kEventRegister, "log", {}}));
  send(PacketType::kEvent, "early");
  send(PacketType::kEventConfirm);
  send(PacketType::kEvent, "late");
  client_->on_readable();
  EXPECT_EQ(events, (std::vector<std::string>{"early", "late"}));
  EXPECT_EQ(got.size(), 1U);
}

TEST_F(ConnectionTest, ABadEventIsCountedAndTheStreamGoesOn) {
  std::vector<vici::Result<Message>> got;
  ASSERT_TRUE(client_->request("x", {}, record(got)));
  send({0, 0, 0, 4, 7, 1, 'e', 9});
  send(PacketType::kCommandResponse);
  client_->on_readable();
  EXPECT_EQ(client_->bad_events(), 1U);
  EXPECT_EQ(got.size(), 1U);
}

TEST_F(ConnectionTest, HangUpAnswersEachOnce) {
  std::vector<vici::Result<Message>> got;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(client_->request("x", {}, record(got)));
  hang_up();
  client_->on_readable();
  client_->on_readable();
  client_->close("again");
  ASSERT_EQ(got.size(), 3U);
  for (const auto& reply : got) EXPECT_EQ(reply.error().code, ErrorCode::kClosed);
  EXPECT_EQ(closed_.size(), 1U);
  EXPECT_EQ(client_->fd(), -1);
  EXPECT_EQ(client_->request("x", {}, record(got)).error().code, ErrorCode::kClosed);
}

TEST_F(ConnectionTest, RequestAfterAnUnseenHangUpIsAnsweredByTheReader) {
  hang_up();
  std::vector<vici::Result<Message>> got;
  ASSERT_TRUE(client_->request("x", {}, record(got)));
  EXPECT_TRUE(got.empty()) << "no handler runs inside request()";
  client_->on_readable();
  EXPECT_EQ(got.size(), 1U);
}

TEST_F(ConnectionTest, HandlersMayAskAndClose) {
  std::vector<vici::Result<Message>> got;
  ASSERT_TRUE(client_->request("x", {}, [&](const auto&) {
    EXPECT_TRUE(client_->request("y", {}, record(got)));
    client_->close("enough");
  }));
  send(PacketType::kCommandResponse);
  send(PacketType::kCommandResponse);
  client_->on_readable();
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].error().words, "enough");
}

TEST_F(ConnectionTest, QueueIsBounded) {
  for (std::size_t i = 0; i <= vici::kMaxQueuedRequests; ++i) ASSERT_TRUE(client_->request("x", {}, nullptr));
  EXPECT_EQ(client_->request("x", {}, nullptr).error().code, ErrorCode::kQueueFull);
}

TEST_F(ConnectionTest, WhatDoesNotFitTheProtocolEndsIt) {
  send(PacketType::kCommandResponse);  // nobody asked
  client_->on_readable();
  EXPECT_FALSE(client_->is_open());
  ASSERT_EQ(closed_.size(), 1U);
  EXPECT_NE(closed_[0].words.find("unexpected_packet"), std::string::npos);
}

TEST_F(ConnectionTest, ALargeRequestWaitsForTheSocket) {
  Message large;
  for (int i = 0; i < 7; ++i) large.add("n", std::string(65535, 'v'));
  ASSERT_TRUE(client_->request("big", large, nullptr));
  EXPECT_TRUE(client_->wants_write());
  std::optional<Packet> got;
  for (int i = 0; i < 10000 && !got; ++i) {
    got = receive();
    client_->on_writable();
  }
  EXPECT_FALSE(client_->wants_write());
  ASSERT_TRUE(got);
  EXPECT_EQ(got->message, large);
}

TEST(ConnectionOpen, SaysWhyNot) {
  const auto missing = vici::Connection::open("unix:///nowhere/charon.vici");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().text(), "cannot_connect: /nowhere/charon.vici: No such file or directory");
  EXPECT_EQ(vici::Connection::open(std::string(200, 'x')).error().code, ErrorCode::kCannotConnect);
}

TEST(ConnectionOpen, TellsThatTheRightIsMissing) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, to be somebody else";
  const std::string path = testing::TempDir() + "closed.vici." + std::to_string(::getpid());
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  ASSERT_EQ(::seteuid(65534), 0);
  const auto denied = vici::Connection::open(path);
  ASSERT_EQ(::seteuid(0), 0);
  ::close(listener);
  ::unlink(path.c_str());
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().text(), "not_permitted: " + path + ": Permission denied");
}

TEST(Outcome, ReadsSuccess) {
  EXPECT_TRUE(vici::outcome(Message().add("success", "yes")));
  EXPECT_TRUE(vici::outcome(Message()));
  const auto refused = vici::outcome(Message().add("success", "no").add("errmsg", "why"));
  EXPECT_EQ(refused.error(), (vici::Error{ErrorCode::kRefused, "why", 0}));
}

}  // namespace
