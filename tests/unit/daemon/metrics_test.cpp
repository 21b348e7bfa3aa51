// What a scrape reads.
#include "daemon/metrics.hpp"

#include <arpa/inet.h>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <optional>
#include <poll.h>
#include <set>
#include <sstream>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include "daemon/metric_catalogue.hpp"
#include "support/exposition.hpp"

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

Metrics open_metrics(std::uint16_t port) {
  return Metrics::open("127.0.0.1:" + std::to_string(port)).value();
}

/// What the library's own head is not part of.
std::string body_of(const std::string& answer) {
  return answer.substr(answer.find("\r\n\r\n") + 4);
}

/// One scrape, with this thread as the loop.
std::string scrape(Metrics& metrics, std::uint16_t port, const MetricValues& values) {
  std::string answer;
  std::jthread scraper([&] { answer = scrape(port); });
  pollfd bell{metrics.fd(), POLLIN, 0};
  EXPECT_EQ(poll(&bell, 1, 10'000), 1) << "the scrape did not ask";
  metrics.publish(values);
  scraper.join();
  return body_of(answer);
}

MetricValues some_values() {
  MetricValues values{{{"opented_probes_sent_total", {}, 7},
                       {"opented_tunnels", {}, 3},
                       {"opented_rule_tunnels", "sites", 2},
                       {"opented_rule_tunnels", "odd\"\\\n", 1},
                       {"opented_unheard_of", {}, 1}},
                      {{"opented_discovery_seconds", {}}}};
  values.histograms[0].second.observe(std::chrono::milliseconds(3));
  values.histograms[0].second.observe(std::chrono::seconds(100));
  return values;
}

TEST(Metrics, WhoConnectsAndSaysNothingKeepsNobodyOutForLong) {
  const std::uint16_t port = free_port();
  auto metrics = open_metrics(port);
  std::vector<int> silent;
  for (int i = 0; i < 8; ++i) {
    const sockaddr_in address = loopback(port);
    silent.push_back(tcp_socket());
    ASSERT_EQ(connect(silent.back(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  const exposition::Reader read(scrape(metrics, port, some_values()));  // waits for ten seconds
  EXPECT_EQ(read.value("opented_tunnels"), 3);
  for (const int fd : silent) close(fd);
}

TEST(Metrics, AScrapeAsksForTheValuesOfNowAndIsWellFormed) {
  const std::uint16_t port = free_port();
  auto metrics = open_metrics(port);
  const exposition::Reader read(scrape(metrics, port, some_values()));
  EXPECT_EQ(read.faults(), std::vector<std::string>{});
  EXPECT_EQ(read.value("opented_probes_sent_total"), 7);
  EXPECT_EQ(read.value("opented_tunnels"), 3);
  EXPECT_EQ(read.value("opented_rule_tunnels", {{"rule", "sites"}}), 2);
  EXPECT_EQ(read.value("opented_rule_tunnels", {{"rule", "odd\"\\\n"}}), 1);
  EXPECT_EQ(read.value("opented_values_age_seconds"), 0);
  EXPECT_EQ(read.value("opented_discovery_seconds_bucket", {{"le", "0.0025"}}), 0);
  EXPECT_EQ(read.value("opented_discovery_seconds_bucket", {{"le", "0.005"}}), 1);
  EXPECT_EQ(read.value("opented_discovery_seconds_bucket", {{"le", "60"}}), 1);
  EXPECT_EQ(read.value("opented_discovery_seconds_bucket", {{"le", "+Inf"}}), 2);
  EXPECT_EQ(read.value("opented_discovery_seconds_count"), 2);
  EXPECT_NEAR(read.value("opented_discovery_seconds_sum").value_or(0), 100.003, 1e-9);
  EXPECT_EQ(read.find("opented_unheard_of"), nullptr);
  ASSERT_NE(read.find("opented_tunnels"), nullptr);
  EXPECT_EQ(read.find("opented_tunnels")->type, "gauge");
  const exposition::Reader next(scrape(metrics, port, {{{"opented_tunnels", {}, 4}}, {}}));
  EXPECT_EQ(next.value("opented_tunnels"), 4);
  EXPECT_EQ(next.find("opented_probes_sent_total"), nullptr);
}

/// The first answer has none of itself: they are counted when it is sent.
TEST(Metrics, WhatTheLibraryAddsIsInTheDocument) {
  const std::uint16_t port = free_port();
  auto metrics = open_metrics(port);
  static_cast<void>(scrape(metrics, port, some_values()));
  const exposition::Reader read(scrape(metrics, port, some_values()));
  std::stringstream page;
  page << std::ifstream(OPENTED_TESTS_DIR "/../docs/metrics.md").rdbuf();
  std::set<std::string> written;
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("| `exposer_")) continue;
    const auto end = line.find('`', 3);
    const auto type = line.find("| ", end) + 2;
    written.insert(line.substr(3, end - 3) + " " + line.substr(type, line.find(' ', type) - type));
  }
  std::set<std::string> added;
  for (const exposition::Family& family : read.families()) {
    if (family.name.starts_with("exposer_")) added.insert(family.name + " " + family.type);
  }
  EXPECT_EQ(added, written);
}

TEST(Metrics, ALoopThatIsBusyLeavesOldValuesWithTheirAge) {
  const std::uint16_t port = free_port();
  auto metrics = open_metrics(port);
  metrics.publish(some_values());
  const exposition::Reader read(body_of(scrape(port)));
  EXPECT_EQ(read.faults(), std::vector<std::string>{});
  EXPECT_EQ(read.value("opented_tunnels"), 3);
  EXPECT_GE(read.value("opented_values_age_seconds").value_or(0), 1.9);
}

// The library takes up to two seconds of its own to stop; who scrapes has an answer long before.
TEST(Metrics, NobodyWaitsForALoopThatHasEnded) {
  const std::uint16_t port = free_port();
  std::optional<Metrics> metrics = open_metrics(port);
  std::chrono::steady_clock::time_point answered;
  std::jthread scraper([&] {
    static_cast<void>(scrape(port));
    answered = std::chrono::steady_clock::now();
  });
  pollfd bell{metrics->fd(), POLLIN, 0};
  ASSERT_EQ(poll(&bell, 1, 10'000), 1);
  const auto before = std::chrono::steady_clock::now();
  metrics.reset();
  scraper.join();
  EXPECT_LT(answered - before, std::chrono::milliseconds(1'000));
}

/// One of each, with whatever name, label and help the catalogue has.
MetricValues one_of_each() {
  MetricValues values;
  for (const MetricInfo& metric : metric_catalogue()) {
    if (metric.type == MetricType::kHistogram) {
      values.histograms.emplace_back(metric.name, Histogram{});
    } else {
      values.samples.push_back({std::string(metric.name), metric.label.empty() ? "" : "x", 1});
    }
  }
  return values;
}

TEST(Metrics, PromtoolTakesThemAll) {
  if (std::system("command -v promtool >/dev/null") != 0)
    GTEST_SKIP() << "promtool is not installed (package prometheus)";
  const std::uint16_t port = free_port();
  auto metrics = open_metrics(port);
  const std::string answer = scrape(metrics, port, one_of_each());
  for (const MetricInfo& metric : metric_catalogue()) EXPECT_NE(answer.find(metric.name), std::string::npos);
  FILE* promtool = popen("promtool check metrics", "w");
  ASSERT_NE(promtool, nullptr);
  // What the library adds of its own is left out: it has a counter of microseconds, which promtool minds.
  std::istringstream lines(answer);
  for (std::string line; std::getline(lines, line);) {
    if (line.find("exposer_") == std::string::npos) std::fprintf(promtool, "%s\n", line.c_str());
  }
  EXPECT_EQ(pclose(promtool), 0);
}

/// A reader that takes everything would prove nothing.
TEST(Exposition, IsStrict) {
  const auto faulty = [](const std::string& text) { return !exposition::Reader(text).faults().empty(); };
  const std::string head = "# HELP a_total x\n# TYPE a_total counter\n";
  EXPECT_FALSE(faulty(head + "a_total 1\n"));
  EXPECT_FALSE(faulty(head + "a_total{l=\"v\"} 1\na_total{l=\"w\"} 2\n"));
  for (const std::string& text :
       {std::string(), head, head + "a_total 1", head + "a_total x\n", head + "a_total 1 \n", head + "a_total -1\n",
        head + "a_total 1\na_total 2\n", head + "b_total 1\n", head + "1a 1\n", head + "a_total{l=\"v} 1\n",
        head + "a_total{l=\"\\x\"} 1\n", head + "a_total{l-m=\"\"} 1\n", head + head + "a_total 1\n",
        head + "a_total 1\n" + head + "a_total{l=\"\"} 1\n", std::string("a_total 1\n"),
        std::string("# TYPE a_total counter\na_total 1\n"), std::string("# HELP a x\n# TYPE a counter\na 1\n"),
        std::string("# HELP a x\n# TYPE a odd\na 1\n"),
        std::string("# HELP a_total x\n# TYPE a_total gauge\na_total 1\n")}) {
    EXPECT_TRUE(faulty(text)) << text;
  }
  const std::string histogram = "# HELP h x\n# TYPE h histogram\n";
  EXPECT_FALSE(faulty(histogram + "h_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n"));
  EXPECT_TRUE(faulty(histogram + "h_bucket{le=\"1\"} 3\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n"));
  EXPECT_TRUE(
      faulty(histogram + "h_bucket{le=\"2\"} 1\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n"));
  EXPECT_TRUE(faulty(histogram + "h_bucket{le=\"1\"} 1\nh_sum 3\nh_count 2\n"));
  EXPECT_TRUE(faulty(histogram + "h_bucket{le=\"+Inf\"} 2\nh_count 2\n"));
  EXPECT_TRUE(faulty(histogram + "h_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 3\n"));
}

TEST(Metrics, AnEndpointThatCannotBeServedIsNamed) {
  const auto nowhere = Metrics::open("192.0.2.1:1");  // no address of this machine
  ASSERT_FALSE(nowhere);
  EXPECT_NE(nowhere.error().find("192.0.2.1:1"), std::string::npos) << nowhere.error();
  EXPECT_NE(nowhere.error().find("'metrics' in [gateway]"), std::string::npos) << nowhere.error();
}

}  // namespace
}  // namespace tedd
