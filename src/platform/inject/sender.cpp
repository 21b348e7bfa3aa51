#include "platform/inject/sender.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <linux/netlink.h>
#include <linux/xfrm.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include "platform/rights/capabilities.hpp"

namespace inject {
namespace {

constexpr std::size_t kV4HeaderBytes = 20;
constexpr std::size_t kV6HeaderBytes = 40;
constexpr std::size_t kBatch = 16;  // packets of one system call

std::unexpected<Error> failure(ErrorCode code, int system = 0) {
  return std::unexpected(Error{code, system});
}

ErrorCode open_code(int system) {
  if (system == EPERM || system == EACCES) return ErrorCode::kNoPermission;
  return system == ENODEV ? ErrorCode::kNoDevice : ErrorCode::kSystem;
}

ErrorCode send_code(int system) {
  switch (system) {
    case ENETUNREACH:
    case EHOSTUNREACH:
    case EADDRNOTAVAIL: return ErrorCode::kNoRoute;
    case ENODEV:
    case ENXIO:
    case ENETDOWN: return ErrorCode::kNoDevice;
    case EPERM:
    case EACCES: return ErrorCode::kFiltered;
    case EMSGSIZE: return ErrorCode::kTooLong;
    case EAGAIN:
    case ENOBUFS:
    case ENOMEM: return ErrorCode::kQueueFull;
    default: return ErrorCode::kSystem;
  }
}

/// A policy on a socket is read by the kernel's IPsec configuration interface. Where that is a module (Debian), nothing
/// has loaded it before the first IKE daemon starts; asking for its socket does. A kernel without it refuses below.
void load_policy_reader() {
  const int socket = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_XFRM);
  if (socket >= 0) ::close(socket);
}

/// A policy without templates that allows: the kernel asks a socket's own policy before the machine's.
base::Result<void, Error> bypass_policies(int socket, int family) {
  for (const std::uint8_t direction : {XFRM_POLICY_OUT, XFRM_POLICY_IN}) {
    xfrm_userpolicy_info policy{};
    policy.sel.family = static_cast<std::uint16_t>(family);
    policy.dir = direction;
    policy.action = XFRM_POLICY_ALLOW;
    policy.lft.soft_byte_limit = policy.lft.hard_byte_limit = XFRM_INF;
    policy.lft.soft_packet_limit = policy.lft.hard_packet_limit = XFRM_INF;
    const bool v4 = family == AF_INET;
    if (setsockopt(socket, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_XFRM_POLICY : IPV6_XFRM_POLICY, &policy,
                   sizeof policy) != 0) {
      return failure(errno == EPERM ? ErrorCode::kNoPermission : ErrorCode::kPolicyBypassRefused, errno);
    }
  }
  return {};
}

base::Result<void, Error> configure(int socket, int family, const Options& options) {
  if (options.bypass_policy) {
    if (auto done = bypass_policies(socket, family); !done) return done;
  }
  if (options.mark != 0 && setsockopt(socket, SOL_SOCKET, SO_MARK, &options.mark, sizeof options.mark) != 0) {
    return failure(open_code(errno), errno);
  }
  if (!options.device.empty() && setsockopt(socket, SOL_SOCKET, SO_BINDTODEVICE, options.device.c_str(),
                                            static_cast<socklen_t>(options.device.size())) != 0) {
    return failure(open_code(errno), errno);
  }
  return {};
}

/// The socket, or -1 when the machine does not have this family.
base::Result<int, Error> open_socket(int family, const Options& options) {
  // IPPROTO_RAW: the header is ours, and nothing is ever received but by protocol number 255.
  const int socket = ::socket(family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_RAW);
  if (socket < 0) {
    if (errno == EAFNOSUPPORT) return -1;
    return failure(open_code(errno), errno);
  }
  if (auto done = configure(socket, family, options); !done) {
    ::close(socket);
    return std::unexpected(done.error());
  }
  return socket;
}

struct Destination {
  bool v4 = false;
  sockaddr_in in{};
  sockaddr_in6 in6{};
};

base::Result<Destination, Error> destination_of(base::ByteView packet) {
  Destination to;
  if (packet.empty()) return failure(ErrorCode::kMalformed);
  const unsigned version = packet[0] >> 4U;
  base::Reader reader(packet);
  if (version == 4 && packet.size() >= kV4HeaderBytes) {
    const std::size_t header = (packet[0] & 0x0fU) * std::size_t{4};
    reader.view(2);
    if (reader.u16() != packet.size() || header < kV4HeaderBytes || header > packet.size()) {
      return failure(ErrorCode::kMalformed);
    }
    to.v4 = true;
    to.in.sin_family = AF_INET;
    std::memcpy(&to.in.sin_addr, packet.data() + 16, sizeof to.in.sin_addr);
    return to;
  }
  if (version == 6 && packet.size() >= kV6HeaderBytes) {
    reader.view(4);
    if (reader.u16() + kV6HeaderBytes != packet.size()) return failure(ErrorCode::kMalformed);
    to.in6.sin6_family = AF_INET6;
    std::memcpy(&to.in6.sin6_addr, packet.data() + 24, sizeof to.in6.sin6_addr);
    return to;
  }
  return failure(ErrorCode::kMalformed);
}

}  // namespace

base::Result<Sender, Error> Sender::open(const Options& options) {
  const rights::Raised raised({rights::Capability::kNetRaw, rights::Capability::kNetAdmin});
  if (options.bypass_policy) load_policy_reader();
  Sender sender;
  TED_TRY(sender.v4_, open_socket(AF_INET, options));
  TED_TRY(sender.v6_, open_socket(AF_INET6, options));
  if (sender.v4_ < 0 && sender.v6_ < 0) return failure(ErrorCode::kNoFamily);
  return sender;
}

Sender::Sender(Sender&& other) noexcept
    : v4_(std::exchange(other.v4_, -1)), v6_(std::exchange(other.v6_, -1)), counters_(other.counters_) {}

Sender& Sender::operator=(Sender&& other) noexcept {
  std::swap(v4_, other.v4_);
  std::swap(v6_, other.v6_);
  std::swap(counters_, other.counters_);
  return *this;
}

Sender::~Sender() {
  if (v4_ >= 0) ::close(v4_);
  if (v6_ >= 0) ::close(v6_);
}

base::Result<void, Error> Sender::send(base::ByteView ip_packet) {
  auto result = transmit(ip_packet);
  count(result);
  return result;
}

void Sender::count(const base::Result<void, Error>& result) {
  if (result) {
    ++counters_.sent;
  } else {
    ++counters_.failed[static_cast<std::size_t>(result.error().code)];
  }
}

// The one that ends a batch early says why when it comes first, and alone.
void Sender::send(std::span<const base::ByteView> ip_packets,
                  const std::function<void(std::size_t, const Error&)>& failed) {
  for (std::size_t next = 0; next < ip_packets.size();) {
    const std::size_t taken = transmit_some(ip_packets.subspan(next));
    counters_.sent += taken;
    next += taken;
    if (taken != 0) continue;
    if (const auto sent = send(ip_packets[next]); !sent) failed(next, sent.error());
    ++next;
  }
}

std::size_t Sender::transmit_some(std::span<const base::ByteView> ip_packets) const {
  std::array<Destination, kBatch> to;
  std::array<iovec, kBatch> data{};
  std::array<mmsghdr, kBatch> batch{};
  unsigned count = 0;
  for (const base::ByteView packet : ip_packets.first(std::min(ip_packets.size(), kBatch))) {
    const auto found = destination_of(packet);
    if (!found || found->v4 != (count == 0 ? found->v4 : to[0].v4)) break;
    to[count] = *found;
    // The kernel only reads it.
    data[count] = {const_cast<std::uint8_t*>(packet.data()), packet.size()};
    msghdr& head = batch[count].msg_hdr;
    head.msg_name = found->v4 ? static_cast<void*>(&to[count].in) : static_cast<void*>(&to[count].in6);
    head.msg_namelen = found->v4 ? sizeof to[count].in : sizeof to[count].in6;
    head.msg_iov = &data[count];
    head.msg_iovlen = 1;
    ++count;
  }
  if (count < 2) return 0;
  const int socket = to[0].v4 ? v4_ : v6_;
  const int sent = socket < 0 ? 0 : ::sendmmsg(socket, batch.data(), count, MSG_DONTWAIT | MSG_NOSIGNAL);
  return sent < 0 ? 0 : static_cast<std::size_t>(sent);
}

base::Result<void, Error> Sender::transmit(base::ByteView ip_packet) const {
  TED_TRY(const Destination to, destination_of(ip_packet));
  const int socket = to.v4 ? v4_ : v6_;
  if (socket < 0) return failure(ErrorCode::kNoFamily);
  const auto* address = to.v4 ? reinterpret_cast<const sockaddr*>(&to.in) : reinterpret_cast<const sockaddr*>(&to.in6);
  const socklen_t length = to.v4 ? sizeof to.in : sizeof to.in6;
  ssize_t sent = -1;
  do {
    sent = ::sendto(socket, ip_packet.data(), ip_packet.size(), MSG_DONTWAIT | MSG_NOSIGNAL, address, length);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) return failure(send_code(errno), errno);
  return {};
}

}  // namespace inject
