// Packets that nftables copies to one NFLOG group. A copy has no verdict: nothing in the kernel waits for us.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace nflog {

enum class ErrorCode : std::uint8_t {
  kNoPermission,  ///< CAP_NET_ADMIN is missing in this network namespace
  kGroupBusy,     ///< another process reads this group: choose another, or end that process
  kNotSupported,  ///< the kernel has no nfnetlink_log
  kSocket,        ///< the netlink socket failed: open a new Reader
};

struct Error {
  ErrorCode code{};
  int system = 0;  ///< errno
};

/// For the log: what failed and the system's reason.
[[nodiscard]] std::string text(const Error& error);

struct Options {
  /// Bytes of each packet that are copied at most; a rule's own `snaplen` may say less. The default is a whole packet.
  std::uint32_t copy_bytes = 0xffff;
  /// Packets that the kernel gathers before it wakes us. One: the first packet of a flow waits for discovery, and the
  /// kernel's deduplication has thinned them out already.
  std::uint32_t queue_threshold = 1;
  /// How long the kernel gathers at most; without effect at threshold one.
  std::chrono::milliseconds queue_timeout{10};
  /// Each waiting message is charged about 4.5 KiB, whatever its packet's size: 4 MiB holds some 900, which at the
  /// guard's 5000 reports a second is 180 ms in which the daemon does something else.
  std::size_t receive_buffer = std::size_t{4} << 20;
};

/// What the kernel says beside the packet. Interface indices are 0 where there is none at that hook.
struct PacketInfo {
  std::uint32_t in_interface = 0;
  std::uint32_t out_interface = 0;
  std::uint32_t mark = 0;
  /// Since the epoch, on the system's clock, when the packet came in; nothing where the kernel took no time stamp.
  std::optional<std::chrono::microseconds> timestamp;
  std::string_view prefix;  ///< the rule's `log prefix`
  /// No other that the same system call brought was handed over before it: a clock that is read now serves for those
  /// behind it as well, for they had come by then.
  bool first_of_call = false;
};

/// Since the Reader was opened.
struct Counters {
  std::uint64_t packets = 0;    ///< handed to a callback
  std::uint64_t overruns = 0;   ///< times that the socket's buffer was full; see `lost`
  std::uint64_t lost = 0;       ///< packets that the kernel numbered and that never came
  std::uint64_t malformed = 0;  ///< messages that are not what the kernel sends, or without a packet
};

class Reader {
 public:
  /// Called with the IP packet from its first header byte on, cut as the options and the rule say. Both views end with
  /// the call. It must not throw and must not read from, move or destroy this Reader.
  using Callback = std::function<void(base::ByteView ip_packet, const PacketInfo& info)>;

  /// Binds to `group` in the network namespace of the calling thread.
  [[nodiscard]] static base::Result<Reader, Error> open(std::uint16_t group, const Options& options = {});

  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;
  ~Reader();

  /// Readable when there is something to read. Stays the Reader's own.
  [[nodiscard]] int fd() const;

  /// Hands over what waits, at most `max_messages` netlink messages (each is one packet at queue threshold one), and
  /// never blocks. The number of packets that were handed over; fewer than the messages that wait means call again, as
  /// a level-triggered fd() will say. A full buffer is counted and is no error; after an error open a new Reader.
  [[nodiscard]] base::Result<std::size_t, Error> read(const Callback& callback, std::size_t max_messages = 64);

  [[nodiscard]] const Counters& counters() const;

 private:
  struct State;
  explicit Reader(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace nflog
