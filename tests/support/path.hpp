// A path of three namespaces: a host, a gateway that forwards, a host behind it; and what arrives at its ends.
//
//   inside (172.16.1.2, fd00:f::2) --- lan0 [gateway | 192.0.2.1, fd00:2::1] wan0 --- outside (192.0.2.2, fd00:2::2)
//
// The gateway sends 10.1.0.0/16 and fd00:1::/32 to the inside host and everything else to the outside host: any packet
// between the two can be sent with any address.
#pragma once

#include <algorithm>
#include <arpa/inet.h>
#include <chrono>
#include <fstream>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <optional>
#include <poll.h>
#include <sys/socket.h>

#include "base/bytes.hpp"
#include "support/netns.hpp"

namespace support {

inline void set_sysctl(const std::string& path, const std::string& value) {
  std::ofstream("/proc/sys/" + path) << value;
}

/// Every IP packet that comes in through one interface of the calling thread's namespace.
class Capture {
 public:
  explicit Capture(const char* interface) : fd_(::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ALL))) {
    sockaddr_ll where{};
    where.sll_family = AF_PACKET;
    where.sll_protocol = htons(ETH_P_ALL);
    where.sll_ifindex = static_cast<int>(if_nametoindex(interface));
    const int size = 16 << 20;
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    if (::bind(fd_, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0) std::abort();
  }
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;
  ~Capture() { ::close(fd_); }

  /// The next packet that comes in within two seconds; nothing: none did.
  std::optional<base::Bytes> next() {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(2);
    for (;;) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
      pollfd ready{fd_, POLLIN, 0};
      if (left.count() <= 0 || ::poll(&ready, 1, static_cast<int>(left.count())) <= 0) return std::nullopt;
      base::Bytes packet(65536);
      sockaddr_ll from{};
      socklen_t length = sizeof from;
      const auto size = ::recvfrom(fd_, packet.data(), packet.size(), 0, reinterpret_cast<sockaddr*>(&from), &length);
      const auto protocol = ntohs(from.sll_protocol);
      if (size <= 0 || from.sll_pkttype == PACKET_OUTGOING) continue;
      if (protocol != ETH_P_IP && protocol != ETH_P_IPV6) continue;
      packet.resize(static_cast<std::size_t>(size));
      return packet;
    }
  }

  /// Every packet up to the one that ends with `marker`; nothing: the marker never came.
  std::optional<std::vector<base::Bytes>> until(base::ByteView marker) {
    std::vector<base::Bytes> packets;
    while (auto packet = next()) {
      if (packet->size() >= marker.size() &&
          std::equal(marker.begin(), marker.end(), packet->end() - static_cast<std::ptrdiff_t>(marker.size()))) {
        return packets;
      }
      packets.push_back(std::move(*packet));
    }
    return std::nullopt;
  }

 private:
  int fd_;
};

struct Path {
  Namespace inside = Namespace::make();
  Namespace gateway = Namespace::make();
  Namespace outside = Namespace::make();

  /// False, with a reason, where it cannot be laid: skip then.
  [[nodiscard]] bool lay(std::string& why) {
    if (!inside.valid() || !gateway.valid() || !outside.valid()) {
      why = "no right to make network namespaces";
      return false;
    }
    // Everything on one CPU, so that packets arrive in the order in which they were sent.
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<std::size_t>(sched_getcpu()), &one);
    sched_setaffinity(0, sizeof one, &one);
    for (const Namespace* space : {&inside, &gateway, &outside}) {
      const Inside there(*space);
      for (const char* conf : {"all", "default"}) {
        set_sysctl(std::string("net/ipv4/conf/") + conf + "/rp_filter", "0");
        set_sysctl(std::string("net/ipv6/conf/") + conf + "/accept_dad", "0");
      }
    }
    if (link() && address()) return true;
    why = "the links cannot be made; is iproute2 installed?";
    return false;
  }

 private:
  bool link() {
    const Inside there(gateway);
    set_sysctl("net/ipv4/ip_forward", "1");
    set_sysctl("net/ipv6/conf/all/forwarding", "1");
    return ip("link set dev lo up") && ip("link add name lan0 type veth peer name host0 netns " + inside.path()) &&
           ip("link add name wan0 type veth peer name host0 netns " + outside.path()) && ip("link set dev lan0 up") &&
           ip("link set dev wan0 up");
  }
  bool address() {
    {
      const Inside there(gateway);
      if (!ip("addr add 172.16.1.1/24 dev lan0") || !ip("addr add 192.0.2.1/24 dev wan0")) return false;
      if (!ip("addr add fd00:f::1/64 dev lan0 nodad") || !ip("addr add fd00:2::1/64 dev wan0 nodad")) return false;
    }
    return host(inside, "172.16.1.2/24", "172.16.1.1", "fd00:f::2/64", "fd00:f::1") &&
           host(outside, "192.0.2.2/24", "192.0.2.1", "fd00:2::2/64", "fd00:2::1") && routes();
  }
  bool routes() {
    const Inside there(gateway);
    return ip("route add 10.1.0.0/16 via 172.16.1.2") && ip("route add default via 192.0.2.2") &&
           ip("route add fd00:1::/32 via fd00:f::2") && ip("route add default via fd00:2::2");
  }
  static bool host(const Namespace& space, const std::string& v4, const std::string& gateway4, const std::string& v6,
                   const std::string& gateway6) {
    const Inside there(space);
    return ip("link set dev lo up") && ip("link set dev host0 up") && ip("addr add " + v4 + " dev host0") &&
           ip("addr add " + v6 + " dev host0 nodad") && ip("route add default via " + gateway4) &&
           ip("route add default via " + gateway6);
  }
};

}  // namespace support
