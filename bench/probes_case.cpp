#include "probes_case.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "platform/inject/sender.hpp"
#include "platform/nflog/reader.hpp"
#include "wire/codec.hpp"
#include "wire/packet.hpp"

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint32_t kHosts = 0x0a010000;     // 10.1.0.0
constexpr std::uint32_t kTarget = 0x0a02000a;    // 10.2.0.10
constexpr std::uint32_t kGateways = 0xc6120001;  // 198.18.0.1
constexpr std::uint32_t kFlooders = 0xc6130000;  // 198.19.0.0
constexpr std::uint32_t kMany = 200;             // hosts, and gateways
constexpr std::uint16_t kIsakmp = 500;
constexpr std::size_t kAnswerLength = 156;  // of tedd's to these probes
constexpr std::size_t kCookieAt = 0;
constexpr std::size_t kTogether = 16;                      // answers of one system call
constexpr std::uint64_t kOthers = std::uint64_t{1} << 40;  // cookies of a flood: its answers are not waited for
constexpr auto kPatience = std::chrono::milliseconds(200);

std::string failed(const char* what) {
  return std::string(what) + ": " + std::strerror(errno);
}

wire::Cookie cookie_of(std::uint64_t number) {
  wire::Cookie cookie{};
  for (std::size_t i = 0; i < cookie.size(); ++i)
    cookie[cookie.size() - 1 - i] = static_cast<std::uint8_t>(number >> 8 * i);
  return cookie;
}

std::uint64_t number_of(base::ByteView datagram) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 8; ++i) number = number << 8 | datagram[kCookieAt + i];
  return number;
}

base::Bytes probe_packet(std::uint64_t number, std::uint32_t source, std::uint32_t gateway) {
  const base::Address from = base::Address::v4(source);
  const base::Address to = base::Address::v4(kTarget);
  const wire::Probe probe{.initiator_cookie = cookie_of(number + 1),  // zero is none
                          .gateway = base::Address::v4(gateway),
                          .half_proxy = {},
                          .capabilities = wire::Capabilities{},
                          .summary = base::Flow{.source = from,
                                                .destination = to,
                                                .protocol = base::Protocol::kUdp,
                                                .source_port = 4000,
                                                .destination_port = 4000}};
  return wire::udp_packet(from, to, 4000, kIsakmp, wire::encode(probe));
}

/// Where answers come.
class Ear {
 public:
  Ear() : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    const int room = 8 << 20;
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    sockaddr_in any{.sin_family = AF_INET, .sin_port = htons(kIsakmp), .sin_addr = {INADDR_ANY}, .sin_zero = {}};
    bound_ = fd_ >= 0 && ::bind(fd_, reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0;
  }
  Ear(const Ear&) = delete;
  Ear& operator=(const Ear&) = delete;
  ~Ear() { ::close(fd_); }

  [[nodiscard]] bool bound() const { return bound_; }

  /// Calls for each answer that waits; waits for one at most so long.
  template <class F>
  void hear(Clock::duration wait, F answer) {
    const auto nanoseconds = std::max<std::int64_t>(std::chrono::nanoseconds(wait).count(), 0);
    const timespec time{nanoseconds / 1'000'000'000, nanoseconds % 1'000'000'000};
    pollfd waiting{fd_, POLLIN, 0};
    if (::ppoll(&waiting, 1, &time, nullptr) <= 0) return;
    std::array<std::uint8_t, 2048> datagram{};
    for (;;) {
      const auto got = ::recv(fd_, datagram.data(), datagram.size(), 0);
      if (got < 28) return;
      answer(number_of(base::ByteView(datagram).first(static_cast<std::size_t>(got))) - 1);
    }
  }

 private:
  int fd_;
  bool bound_ = false;
};

}  // namespace

base::Result<Asked, std::string> ask(std::size_t count, std::size_t window, std::size_t a_second) {
  Ear ear;
  if (!ear.bound()) return std::unexpected(failed("port 500"));
  auto sender = inject::Sender::open();
  if (!sender) return std::unexpected(inject::text(sender.error()));
  std::vector<base::Bytes> packets;
  for (std::uint32_t i = 0; i < count; ++i)
    packets.push_back(probe_packet(i, kHosts + 1 + i % kMany, kGateways + i % kMany));

  std::vector<Clock::time_point> sent(count);
  std::vector<bool> answered(count);
  Asked asked;
  const auto began = Clock::now();
  auto heard = began;
  auto last = began;  // sent
  const auto on_answer = [&](std::uint64_t number) {
    if (number >= count || answered[number]) return;
    answered[number] = true;
    ++asked.answered;
    heard = Clock::now();
    asked.answers_us.push_back(std::chrono::duration<double, std::micro>(heard - sent[number]).count());
  };
  std::size_t lost = 0;
  for (std::size_t next = 0; next < count || asked.answered + lost < count;) {
    const auto now = Clock::now();
    const auto due = a_second == 0 ? now : began + std::chrono::nanoseconds(1'000'000'000 * next / a_second);
    const bool free = a_second != 0 || next - asked.answered - lost < window;
    if (next < count && free && due <= now) {
      sent[next] = last = now;
      if (!sender->send(packets[next])) return std::unexpected(failed("a probe was not sent"));
      ++next;
      ear.hear(Clock::duration::zero(), on_answer);
      continue;
    }
    // Who keeps all he may under way does not sleep: to be woken would cost the one who answers.
    const bool waits = a_second != 0 && next < count;
    ear.hear(waits ? due - now : Clock::duration::zero(), on_answer);
    // Nothing for so long: what is under way is lost.
    if (!waits && Clock::now() - std::max(heard, last) > kPatience) lost = next - asked.answered;
  }
  asked.seconds = std::chrono::duration<double>(heard - began).count();
  std::ranges::sort(asked.answers_us);
  return asked;
}

std::string echo(std::uint16_t group, std::uint32_t mark) {
  auto reader = nflog::Reader::open(group);
  if (!reader) return nflog::text(reader.error());
  auto sender = inject::Sender::open({.mark = mark});
  if (!sender) return inject::text(sender.error());
  constexpr std::uint32_t kSample = 0xc0000201;
  const base::Bytes sample = probe_packet(0, kHosts, kSample);
  const std::array<std::uint8_t, 4> named{192, 0, 2, 1};
  const auto gateway_at = static_cast<std::size_t>(std::ranges::search(sample, named).begin() - sample.begin());
  base::Bytes payload(kAnswerLength);
  payload[17] = 0x10;
  payload[18] = 0xf1;
  // As tedd sends them.
  std::vector<base::Bytes> answers;
  const auto send = [&] {
    const std::vector<base::ByteView> packets(answers.begin(), answers.end());
    sender->send(packets, [](std::size_t /*which*/, const inject::Error& /*error*/) {});
    answers.clear();
  };
  const auto answer = [&](base::ByteView packet, const nflog::PacketInfo& /*info*/) {
    const auto probe = wire::udp_of(packet);
    if (!probe || packet.size() < gateway_at + 4) return;
    std::copy_n(probe->payload.begin(), 8, payload.begin());
    std::uint32_t gateway = 0;
    for (std::size_t i = 0; i < 4; ++i) gateway = gateway << 8 | packet[gateway_at + i];
    answers.push_back(wire::udp_packet(probe->destination, base::Address::v4(gateway), kIsakmp, kIsakmp, payload));
    if (answers.size() == kTogether) send();
  };
  std::puts("ready");
  std::fflush(stdout);
  for (;;) {
    pollfd waiting{reader->fd(), POLLIN, 0};
    ::poll(&waiting, 1, -1);
    static_cast<void>(reader->read(answer));
    send();
  }
}

base::Result<std::vector<base::Bytes>, std::string> flood_frames(const std::string& mac, std::size_t sources) {
  ethhdr head{};
  std::array<unsigned, ETH_ALEN> octets{};
  if (std::sscanf(mac.c_str(), "%x:%x:%x:%x:%x:%x", &octets[0], &octets[1], &octets[2], &octets[3], &octets[4],
                  &octets[5]) != ETH_ALEN) {
    return std::unexpected("'" + mac + "' is no hardware address");
  }
  std::ranges::copy(octets, std::begin(head.h_dest));
  head.h_proto = htons(ETH_P_IP);
  std::vector<base::Bytes> frames;
  for (std::uint32_t i = 0; i < sources; ++i) {
    const auto packet = probe_packet(kOthers + i, kFlooders + i, kFlooders + i);
    base::Bytes& frame = frames.emplace_back(sizeof head + packet.size());
    std::memcpy(frame.data(), &head, sizeof head);
    std::ranges::copy(packet, frame.begin() + sizeof head);
  }
  return frames;
}

base::Result<std::size_t, std::string> flood_with_probes(const std::string& interface, const std::string& mac,
                                                         std::size_t sources, double seconds) {
  constexpr std::size_t kBatch = 64;
  TED_TRY(std::vector<base::Bytes> frames, flood_frames(mac, sources));
  const int fd = ::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  sockaddr_ll place{};
  place.sll_family = AF_PACKET;
  place.sll_ifindex = static_cast<int>(::if_nametoindex(interface.c_str()));
  const int on = 1;
  ::setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on);
  if (fd < 0 || ::bind(fd, reinterpret_cast<const sockaddr*>(&place), sizeof place) != 0)
    return std::unexpected(failed("a packet socket"));

  std::array<iovec, kBatch> data{};
  std::array<mmsghdr, kBatch> batch{};
  std::size_t next = 0;
  std::size_t sent = 0;
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  while (Clock::now() < end) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      base::Bytes& frame = frames[next++ % frames.size()];
      data[i] = {frame.data(), frame.size()};
      batch[i].msg_hdr.msg_iov = &data[i];
      batch[i].msg_hdr.msg_iovlen = 1;
    }
    const int done = ::sendmmsg(fd, batch.data(), kBatch, 0);
    if (done > 0) sent += static_cast<std::size_t>(done);  // a full queue at the other end is what a flood makes
  }
  ::close(fd);
  return sent;
}

}  // namespace bench
