// What a scrape reads.
#include "daemon/metrics.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tedd {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int tcp_socket() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) std::abort();
  return fd;
}

/// A port that was free a moment ago.
std::uint16_t free_port() {
  const int fd = tcp_socket();
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  EXPECT_EQ(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length), 0);
  close(fd);
  return ntohs(address.sin_port);
}

std::string scrape(std::uint16_t port) {
  const int fd = tcp_socket();
  const sockaddr_in address = loopback(port);
  EXPECT_EQ(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  const std::string request = "GET /metrics HTTP/1.0\r\n\r\n";
  EXPECT_EQ(write(fd, request.data(), request.size()), static_cast<ssize_t>(request.size()));
  std::string answer;
  char buffer[4096];
  for (ssize_t length = 0; (length = read(fd, buffer, sizeof buffer)) > 0;) {
    answer.append(buffer, static_cast<std::size_t>(length));
  }
  close(fd);
  return answer;
}

TEST(Metrics, AScrapeReadsWhatWasPublishedLast) {
  const std::uint16_t port = free_port();
  auto metrics = Metrics::open("127.0.0.1:" + std::to_string(port)).value();
  metrics.publish({{"probes_sent", 6}}, {{"tunnels", 1}});
  metrics.publish({{"probes_sent", 7}, {"guard_restored", 2}}, {{"tunnels", 3}, {"openings", 4}});
  const std::string answer = scrape(port);
  EXPECT_NE(answer.find("\nopented_probes_sent_total 7"), std::string::npos) << answer;
  EXPECT_NE(answer.find("\nopented_guard_restored_total 2"), std::string::npos) << answer;
  EXPECT_NE(answer.find("\nopented_tunnels 3"), std::string::npos) << answer;
  EXPECT_NE(answer.find("\nopented_openings 4"), std::string::npos) << answer;
}

TEST(Metrics, AnEndpointThatCannotBeServedIsNamed) {
  const auto nowhere = Metrics::open("192.0.2.1:1");  // no address of this machine
  ASSERT_FALSE(nowhere);
  EXPECT_NE(nowhere.error().find("192.0.2.1:1"), std::string::npos) << nowhere.error();
}

}  // namespace
}  // namespace tedd
