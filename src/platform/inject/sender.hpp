// Whole IP packets, headers and all, put on their way as if they were forwarded: probes with the source address of
// another host, probes that are not ours and travel on, responses from a port that charon holds.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "platform/inject/error.hpp"

namespace inject {

struct Options {
  /// What these sockets send is not transformed by IPsec, whatever the machine's policies say (IP_XFRM_POLICY), and
  /// what they would receive need not have been. A probe must not enter the tunnel of another flow.
  bool bypass_policy = true;
  std::uint32_t mark = 0;  ///< SO_MARK, for routing rules and filters; 0: none
  std::string device{};    ///< SO_BINDTODEVICE: the only way out; empty: as routed
};

struct Counters {
  std::uint64_t sent = 0;
  std::array<std::uint64_t, kErrorCodes> failed{};  ///< by ErrorCode, of send()
};

/// A raw socket of each family that the machine has. Movable; not for two threads at a time.
class Sender {
 public:
  /// Fails as ErrorCode says, and when neither family can be had. In the network namespace of the calling thread.
  [[nodiscard]] static base::Result<Sender, Error> open(const Options& options = {});

  Sender(Sender&& other) noexcept;
  Sender& operator=(Sender&& other) noexcept;
  ~Sender();

  /// Hands `ip_packet` to the kernel, which routes it by its destination address alone (not by its source) and sends it
  /// through netfilter's output hook. Never blocks, never fragments. What the kernel writes itself: the IPv4 header
  /// checksum, and the IPv4 identification when that is zero and the packet may be fragmented (DF clear). All else
  /// leaves as it is, checksums of the payload too. The IPv4 total length, or the IPv6 payload length, must say the
  /// packet's size; nothing else in it is looked at. Every call counts in counters().
  [[nodiscard]] base::Result<void, Error> send(base::ByteView ip_packet);

  /// The same for several, in their order, by fewer calls of the kernel; `failed` hears of each that send() would have
  /// failed for, by its place. It must not use this Sender.
  void send(std::span<const base::ByteView> ip_packets, const std::function<void(std::size_t, const Error&)>& failed);

  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  Sender() = default;
  [[nodiscard]] base::Result<void, Error> transmit(base::ByteView ip_packet) const;
  /// So many of them, all of one family, were taken.
  [[nodiscard]] std::size_t transmit_some(std::span<const base::ByteView> ip_packets) const;
  void count(const base::Result<void, Error>& result);

  int v4_ = -1;
  int v6_ = -1;
  Counters counters_;
};

}  // namespace inject
