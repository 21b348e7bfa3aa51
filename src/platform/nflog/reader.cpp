#include "platform/nflog/reader.hpp"

extern "C" {
#include <libnetfilter_log/libnetfilter_log.h>
}
#include <array>
#include <cerrno>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <system_error>

#include "platform/rights/capabilities.hpp"

namespace nflog {
namespace {

// A message holds one packet of at most 64 KiB and its attributes; at a queue threshold above one the kernel fills a
// page or less.
constexpr std::size_t kMessageBytes = (std::size_t{64} << 10) + 4096;

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

PacketInfo info_of(nflog_data* data) {
  PacketInfo info;
  info.in_interface = nflog_get_indev(data);
  info.out_interface = nflog_get_outdev(data);
  info.mark = nflog_get_nfmark(data);
  if (timeval time{}; nflog_get_timestamp(data, &time) == 0) {
    info.timestamp = std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
  }
  if (const char* prefix = nflog_get_prefix(data)) info.prefix = prefix;
  return info;
}

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

/// Its address is the C library's callback data, so it stays where it is when the Reader moves.
struct Reader::State {
  // The group goes before the handle that it hangs on.
  std::unique_ptr<nflog_handle, CloseHandle> handle;
  std::unique_ptr<nflog_g_handle, UnbindGroup> group;
  Counters counters;
  const Callback* callback = nullptr;  // during read() only
  std::optional<std::uint32_t> next_sequence;
  alignas(std::uint64_t) std::array<char, kMessageBytes> buffer;

  static int on_packet(nflog_g_handle* /*group*/, nfgenmsg* /*header*/, nflog_data* data, void* self) {
    static_cast<State*>(self)->deliver(data);
    return 0;
  }

  void count_gap(nflog_data* data) {
    std::uint32_t sequence = 0;
    if (nflog_get_seq(data, &sequence) != 0) return;
    if (next_sequence) counters.lost += sequence - *next_sequence;
    next_sequence = sequence + 1;
  }

  void deliver(nflog_data* data) {
    count_gap(data);
    char* payload = nullptr;
    const int length = nflog_get_payload(data, &payload);
    if (length <= 0 || payload == nullptr) {
      ++counters.malformed;
      return;
    }
    ++counters.packets;
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(payload);
    (*callback)({bytes, static_cast<std::size_t>(length)}, info_of(data));
  }

  [[nodiscard]] base::Result<void, Error> bind(std::uint16_t number, std::size_t receive_buffer);
  [[nodiscard]] base::Result<void, Error> configure(const Options& options);
  /// One datagram: its length, 0 for nothing waits or for a full buffer (counted), or an error.
  [[nodiscard]] base::Result<std::size_t, Error> receive(bool& more);
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

base::Result<void, Error> Reader::State::configure(const Options& options) {
  const auto ticks = static_cast<std::uint32_t>(options.queue_timeout.count() / 10);  // the kernel counts 1/100 s
  if (nflog_set_mode(group.get(), NFULNL_COPY_PACKET, options.copy_bytes) < 0 ||
      nflog_set_qthresh(group.get(), options.queue_threshold) < 0 || nflog_set_timeout(group.get(), ticks) < 0 ||
      nflog_set_flags(group.get(), NFULNL_CFG_F_SEQ) < 0) {
    return std::unexpected(error_now());
  }
  nflog_callback_register(group.get(), &State::on_packet, this);
  return {};
}

base::Result<std::size_t, Error> Reader::State::receive(bool& more) {
  more = true;
  sockaddr_nl sender{};
  socklen_t sender_length = sizeof sender;
  const ssize_t length = recvfrom(nflog_fd(handle.get()), buffer.data(), buffer.size(), MSG_DONTWAIT | MSG_TRUNC,
                                  reinterpret_cast<sockaddr*>(&sender), &sender_length);
  if (length < 0) {
    if (errno == EINTR) return 0;
    if (errno == ENOBUFS) {
      ++counters.overruns;
      return 0;
    }
    more = false;
    if (errno == EAGAIN) return 0;
    return std::unexpected(error_now());
  }
  const auto size = static_cast<std::size_t>(length);
  // Other processes may write to our socket too; the kernel is number 0.
  if (size == 0 || size > buffer.size() || sender_length != sizeof sender || sender.nl_pid != 0) {
    ++counters.malformed;
    return 0;
  }
  return size;
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
  for (std::size_t i = 0; i < max_messages; ++i) {
    bool more = false;
    TED_TRY(const std::size_t length, state_->receive(more));
    if (!more) break;
    if (length == 0) continue;
    if (nflog_handle_packet(state_->handle.get(), state_->buffer.data(), static_cast<int>(length)) < 0) {
      ++state_->counters.malformed;
    }
  }
  state_->callback = nullptr;
  return static_cast<std::size_t>(state_->counters.packets - before);
}

}  // namespace nflog
