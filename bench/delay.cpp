#include "delay.hpp"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <deque>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace bench {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kLongestFrame = 65'536 + 64;

struct Frame {
  Clock::time_point due;
  int out = -1;
  std::vector<char> bytes;
};

/// Frames come and go with the kernel's notes on checksums, so that one that was left to the hardware stays so.
int open_interface(const std::string& name) {
  const int fd = ::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = static_cast<int>(if_nametoindex(name.c_str()));
  if (fd < 0 || address.sll_ifindex == 0 || ::setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on) != 0 ||
      ::setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on) != 0 ||
      ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return -1;
  }
  return fd;
}

void take(int in, int out, Clock::duration delay, std::deque<Frame>& frames) {
  static std::array<char, kLongestFrame> buffer;
  while (true) {
    const ssize_t length = ::recv(in, buffer.data(), buffer.size(), 0);
    if (length <= 0) return;
    frames.push_back({Clock::now() + delay, out, {buffer.begin(), buffer.begin() + length}});
  }
}

/// What comes due wakes a little late, which a round trip by ping meets as well. To turn in the last moments instead
/// would take the processor from the daemons that are measured, and what they have in its caches.
void wait(std::array<pollfd, 2>& sockets, const std::deque<Frame>& frames) {
  if (frames.empty()) {
    ::ppoll(sockets.data(), sockets.size(), nullptr, nullptr);
    return;
  }
  const auto left = frames.front().due - Clock::now();
  timespec time{};
  if (left > Clock::duration::zero()) time.tv_nsec = std::chrono::nanoseconds(left).count() % 1'000'000'000;
  ::ppoll(sockets.data(), sockets.size(), &time, nullptr);
}

}  // namespace

std::string carry(const std::string& left, const std::string& right, std::chrono::nanoseconds delay) {
  std::array<pollfd, 2> sockets = {pollfd{open_interface(left), POLLIN, 0}, pollfd{open_interface(right), POLLIN, 0}};
  for (const pollfd& socket : sockets) {
    if (socket.fd < 0) return std::string("a packet socket cannot be opened: ") + std::strerror(errno);
  }
  std::puts("ready");
  std::fflush(stdout);
  std::deque<Frame> frames;  // one delay for all, so they come due in the order in which they came
  while (true) {
    wait(sockets, frames);
    for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
      if (sockets[side].revents != 0) take(sockets[side].fd, sockets[1 - side].fd, delay, frames);
    }
    while (!frames.empty() && frames.front().due <= Clock::now()) {
      const Frame& frame = frames.front();
      if (::send(frame.out, frame.bytes.data(), frame.bytes.size(), 0) < 0 && errno == ENETDOWN)
        return "a link is down";
      frames.pop_front();
    }
  }
}

}  // namespace bench
