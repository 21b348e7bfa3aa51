#include "platform/nflog/reader.hpp"

extern "C" {
#include <libnetfilter_log/libnetfilter_log.h>
}
#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/socket.h>
#include <sys/types.h>
#include <system_error>
#include <utility>

#include "platform/nflog/message.hpp"
#include "platform/rights/capabilities.hpp"

namespace nflog {
namespace {

// A message holds one packet of at most 64 KiB and its attributes; at a queue threshold above one the kernel fills a
// page or less.
constexpr std::size_t kMessageBytes = (std::size_t{64} << 10) + 4096;
constexpr std::size_t kBatch = 16;  // messages of one system call

Error error_now() {
  switch (errno) {
    case EPERM:
    case EACCES: return {ErrorCode::kNoPermission, errno};
    case EBUSY: return {ErrorCode::kGroupBusy, errno};
    case EPROTONOSUPPORT:
    case EINVAL:
    case EOPNOTSUPP: return {ErrorCode::kNotSupported, errno};
    default: return {ErrorCode::kSocket, errno};
  }
}

struct CloseHandle {
  void operator()(nflog_handle* handle) const { nflog_close(handle); }
};
struct UnbindGroup {
  void operator()(nflog_g_handle* group) const {
    const rights::Raised raised({rights::Capability::kNetAdmin});
    nflog_unbind_group(group);
  }
};

}  // namespace

std::string text(const Error& error) {
  const auto reason = error.system == 0 ? std::string{} : ": " + std::generic_category().message(error.system);
  switch (error.code) {
    case ErrorCode::kNoPermission: return "no right to read NFLOG (CAP_NET_ADMIN)" + reason;
    case ErrorCode::kGroupBusy: return "another process reads this NFLOG group" + reason;
    case ErrorCode::kNotSupported: return "the kernel has no NFLOG" + reason;
    case ErrorCode::kSocket: break;
  }
  return "the NFLOG socket failed" + reason;
}

/// Its parts point at each other, so it stays where it is when the Reader moves.
struct Reader::State {
  // The group goes before the handle that it hangs on.
  std::unique_ptr<nflog_handle, CloseHandle> handle;
  std::unique_ptr<nflog_g_handle, UnbindGroup> group;
  Counters counters;
  const Callback* callback = nullptr;  // during read() only
  std::optional<std::uint32_t> next_sequence;
  bool first_of_call = false;  // nothing that the last system call brought was handed over yet
  struct alignas(std::uint64_t) Buffer {
    std::array<char, kMessageBytes> bytes;
  };
  // Not written to: messages are short, and what none reaches takes no memory.
  std::unique_ptr<Buffer[]> buffers = std::make_unique_for_overwrite<Buffer[]>(kBatch);
  std::array<sockaddr_nl, kBatch> senders{};
  std::array<iovec, kBatch> places{};
  std::array<mmsghdr, kBatch> messages{};

  void count_gap(std::uint32_t sequence) {
    if (next_sequence) counters.lost += sequence - *next_sequence;
    next_sequence = sequence + 1;
  }

  void deliver(Copy& copy) {
    if (copy.sequence) count_gap(*copy.sequence);
    if (copy.packet.empty()) {
      ++counters.malformed;
      return;
    }
    ++counters.packets;
    copy.info.first_of_call = std::exchange(first_of_call, false);
    (*callback)(copy.packet, copy.info);
  }

  [[nodiscard]] base::Result<void, Error> bind(std::uint16_t number, std::size_t receive_buffer);
  [[nodiscard]] base::Result<void, Error> configure(const Options& options) const;
  /// At most so many datagrams, into `messages`: how many came. `more` is false when no other waits.
  [[nodiscard]] base::Result<std::size_t, Error> receive(std::size_t most, bool& more);
  void take(const mmsghdr& message);
};

base::Result<void, Error> Reader::State::bind(std::uint16_t number, std::size_t receive_buffer) {
  const int size = static_cast<int>(receive_buffer);
  // FORCE goes beyond net.core.rmem_max, and asks for the same right as NFLOG does.
  if (setsockopt(nflog_fd(handle.get()), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0) {
    return std::unexpected(error_now());
  }
  errno = 0;
  group.reset(nflog_bind_group(handle.get(), number));
  if (group) return {};
  // The kernel says EPERM for a group that another socket has; that the right is there was just seen.
  return std::unexpected(errno == EPERM ? Error{ErrorCode::kGroupBusy, EBUSY} : error_now());
}

base::Result<void, Error> Reader::State::configure(const Options& options) const {
  const auto ticks = static_cast<std::uint32_t>(options.queue_timeout.count() / 10);  // the kernel counts 1/100 s
  if (nflog_set_mode(group.get(), NFULNL_COPY_PACKET, options.copy_bytes) < 0 ||
      nflog_set_qthresh(group.get(), options.queue_threshold) < 0 || nflog_set_timeout(group.get(), ticks) < 0 ||
      nflog_set_flags(group.get(), NFULNL_CFG_F_SEQ) < 0) {
    return std::unexpected(error_now());
  }
  return {};
}

base::Result<std::size_t, Error> Reader::State::receive(std::size_t most, bool& more) {
  for (std::size_t i = 0; i < most; ++i) {
    places[i] = {buffers[i].bytes.data(), kMessageBytes};
    messages[i] = {};
    messages[i].msg_hdr.msg_name = &senders[i];
    messages[i].msg_hdr.msg_namelen = sizeof senders[i];
    messages[i].msg_hdr.msg_iov = &places[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  const int came =
      recvmmsg(nflog_fd(handle.get()), messages.data(), static_cast<unsigned>(most), MSG_DONTWAIT | MSG_TRUNC, nullptr);
  first_of_call = true;
  more = came < 0 || static_cast<std::size_t>(came) == most;
  if (came >= 0) return static_cast<std::size_t>(came);
  if (errno == EINTR) return 0;
  if (errno == ENOBUFS) {
    ++counters.overruns;
    return 0;
  }
  more = false;
  if (errno == EAGAIN) return 0;
  return std::unexpected(error_now());
}

void Reader::State::take(const mmsghdr& message) {
  const auto& head = message.msg_hdr;
  const std::size_t size = message.msg_len;
  // Other processes may write to our socket too; the kernel is number 0.
  if (size == 0 || size > kMessageBytes || head.msg_namelen != sizeof(sockaddr_nl) ||
      static_cast<const sockaddr_nl*>(head.msg_name)->nl_pid != 0) {
    ++counters.malformed;
    return;
  }
  Messages messages_in({static_cast<const std::uint8_t*>(head.msg_iov->iov_base), size});
  Copy copy;
  while (messages_in.next(copy)) deliver(copy);
  if (messages_in.malformed()) ++counters.malformed;
}

Reader::Reader(std::unique_ptr<State> state) : state_(std::move(state)) {}
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;
Reader::~Reader() = default;

base::Result<Reader, Error> Reader::open(std::uint16_t group, const Options& options) {
  const rights::Raised raised({rights::Capability::kNetAdmin});
  auto state = std::make_unique<State>();
  errno = 0;
  state->handle.reset(nflog_open());
  if (!state->handle) return std::unexpected(error_now());
  if (auto bound = state->bind(group, options.receive_buffer); !bound) return std::unexpected(bound.error());
  if (auto configured = state->configure(options); !configured) return std::unexpected(configured.error());
  return Reader(std::move(state));
}

int Reader::fd() const {
  return nflog_fd(state_->handle.get());
}

const Counters& Reader::counters() const {
  return state_->counters;
}

base::Result<std::size_t, Error> Reader::read(const Callback& callback, std::size_t max_messages) {
  const std::uint64_t before = state_->counters.packets;
  state_->callback = &callback;
  bool more = true;
  for (std::size_t left = max_messages; left != 0 && more;) {
    TED_TRY(const std::size_t came, state_->receive(std::min(left, kBatch), more));
    for (std::size_t i = 0; i < came; ++i) state_->take(state_->messages[i]);
    left -= std::max(came, std::size_t{1});  // a full buffer ends as well
  }
  state_->callback = nullptr;
  return static_cast<std::size_t>(state_->counters.packets - before);
}

}  // namespace nflog
