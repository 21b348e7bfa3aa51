#include "guard_case.hpp"

#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <sys/socket.h>
#include <unistd.h>

#include "platform/nft/client.hpp"
#include "platform/nft/replacement.hpp"
#include "platform/nft/safety_net.hpp"
#include "policy/guard_plan.hpp"
#include "rule_set.hpp"

namespace bench {

namespace {

base::MaskedAddress network(std::uint32_t address, unsigned length) {
  return base::Prefix(base::Address::v4(address), length);
}

std::vector<policy::Rule> rules_of(std::size_t count) {
  std::vector<policy::Rule> rules;
  for (std::uint32_t i = 0; i + 1 < count; ++i) {
    policy::Rule rule;
    rule.name = "branch-" + std::to_string(i);
    rule.action = i % 5 == 0 ? policy::Action::kBypass : policy::Action::kProtect;
    rule.local = {i % 2 == 0 ? network(0x0a010000, 16) : network(0x0a010000 + (i % 64 << 8), 24)};
    rule.remote = {network(0x0b000000 + (i << 8), 24)};
    if (i % 3 != 0) {
      rule.protocol = base::Protocol::kTcp;
      rule.remote_port = i % 3 == 1 ? base::PortRange::only(443) : base::PortRange{8000, 8100};
    }
    rules.push_back(std::move(rule));
  }
  policy::Rule last;
  last.name = "last";
  last.action = policy::Action::kBypass;
  last.local = {network(0x0a010000, 16)};
  last.remote = {network(0x0a020000, 16)};
  last.protocol = base::Protocol::kUdp;
  rules.push_back(std::move(last));
  return rules;
}

constexpr const char* kTunnelInterface = "ipsec0";

/// Between the networks of the flood, and for others of their flows.
base::Selector narrow_tunnel() {
  return {.protocol = base::Protocol::kTcp,
          .local = network(0x0a010000, 16),
          .remote = network(0x0a020000, 16),
          .local_port = {},
          .remote_port = base::PortRange::only(443)};
}

using Clock = std::chrono::steady_clock;

double milliseconds(Clock::duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

double thread_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

}  // namespace

base::Result<Replacement, std::string> replace_guard(std::size_t rules, std::string_view form) {
  const policy::Snapshot snapshot(form == "crossing" ? make_rules(rules, Masks::kPrefixes, 1) : rules_of(rules));
  auto client = nft::Client::open();
  if (!client) return std::unexpected(client.error().message);
  const auto start = Clock::now();
  const auto plan = policy::plan_guard(snapshot);
  if (!plan) return std::unexpected(plan.error().message);
  const auto planned = Clock::now();
  nft::GuardOptions options;
  options.interfaces = {"wan"};
  std::vector<base::Selector> tunnels;
  if (form == "userspace" || form == "beside") options.tunnel_interface = kTunnelInterface;
  if (form == "beside") tunnels.push_back(narrow_tunnel());
  const bool by_plan = (form == "plan" || form == "crossing") && *plan;
  const auto done = nft::replace_guard(*client, {snapshot, options, by_plan ? &**plan : nullptr, tunnels, {}});
  if (!done) return std::unexpected(done.error().message);
  if (done->left) return std::unexpected(done->left->message);
  return Replacement{milliseconds(planned - start), milliseconds(Clock::now() - planned)};
}

std::string keep_net(std::size_t rules) {
  auto client = nft::Client::open();
  if (!client) return client.error().message;
  const auto done = client->run(
      nft::safety_net_ruleset(policy::Snapshot(rules_of(rules)), kTunnelInterface, std::vector<std::string>{"wan"}));
  if (!done) return done.error().message;
  std::puts("ready");
  std::fflush(stdout);
  for (;;) ::pause();
}

double flood(std::size_t count) {
  constexpr unsigned kBatch = 64;
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{.sin_family = AF_INET, .sin_port = htons(9), .sin_addr = {htonl(0x0a02000a)}, .sin_zero = {}};
  if (socket < 0 || ::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return -1;
  std::array<char, 64> payload{};
  iovec data{payload.data(), payload.size()};
  std::array<mmsghdr, kBatch> batch{};
  for (mmsghdr& message : batch) {
    message.msg_hdr.msg_iov = &data;
    message.msg_hdr.msg_iovlen = 1;
  }
  const double start = thread_ns();
  std::size_t sent = 0;
  while (sent < count) {
    const int done = ::sendmmsg(socket, batch.data(), kBatch, 0);
    if (done <= 0) break;
    sent += static_cast<std::size_t>(done);
  }
  const double taken = thread_ns() - start;
  ::close(socket);
  return sent < count ? -1 : taken / static_cast<double>(sent);
}

}  // namespace bench
