#include "platform/nft/link.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <optional>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "platform/nft/attributes.hpp"
#include "platform/rights/capabilities.hpp"

namespace nft {
namespace {

/// The kernel fills 32 KiB at most.
constexpr std::size_t kDatagramBytes = 64 << 10;
/// A listing during which something changed is begun anew.
constexpr int kAttempts = 20;
/// Beside the messages themselves a socket's buffer holds what the kernel keeps about them.
constexpr std::size_t kSpareBytes = 64 << 10;

std::unexpected<Error> failure(const std::string& what, int reason) {
  return std::unexpected(Error{what + ": " + std::strerror(reason)});
}

/// Of one answer: nothing unless it is one.
std::optional<int> error_in(const nlmsghdr& head, base::ByteView body) {
  if (head.nlmsg_type != NLMSG_ERROR && head.nlmsg_type != NLMSG_DONE) return std::nullopt;
  return -value_at<int>(body);
}

void set(int socket, int level, int option, int value) {
  ::setsockopt(socket, level, option, &value, sizeof value);
}

using Buffer = std::array<std::uint8_t, kDatagramBytes>;

/// What a transaction came to.
struct Answers {
  std::optional<std::uint32_t> refused;  ///< the first message that was
  int reason = 0;
  bool done = false;  ///< the last message was answered
  bool lost = false;  ///< more was said than the socket holds

  void take(const nlmsghdr& head, base::ByteView body) {
    const auto error = error_in(head, body);
    if (!error) return;
    if (*error == 0) {
      done = true;
    } else if (!refused) {
      refused = head.nlmsg_seq;
      reason = *error;
    }
  }
};

// The kernel works while we send, and has said all when that returns.
Answers answers_on(int socket) {
  Answers answers;
  Buffer buffer;
  for (;;) {
    const ssize_t length = ::recv(socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (length < 0 && errno == EINTR) continue;
    if (length < 0 && errno == ENOBUFS) {
      answers.lost = true;
      continue;
    }
    if (length < 0) return answers;
    visit_messages(base::ByteView(buffer).first(static_cast<std::size_t>(length)),
                   [&](const nlmsghdr& head, base::ByteView body) { answers.take(head, body); });
  }
}

bool ask(int socket, base::ByteView question) {
  const rights::Raised raised({rights::Capability::kNetAdmin});
  return ::send(socket, question.data(), question.size(), 0) >= 0;
}

}  // namespace

base::Result<Link, Error> Link::open() {
  const rights::Raised raised({rights::Capability::kNetAdmin});
  const int socket = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
  if (socket < 0) return failure("no netlink socket", errno);
  Link link(socket);
  set(socket, SOL_NETLINK, NETLINK_CAP_ACK, 1);  // a refusal does not quote what it refuses
  return link;
}

Link::Link(Link&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}
Link& Link::operator=(Link&& other) noexcept {
  std::swap(socket_, other.socket_);
  return *this;
}
Link::~Link() {
  if (socket_ >= 0) ::close(socket_);
}

base::Result<void, Error> Link::run(Batch batch) const {
  if (batch.empty()) return {};
  const base::ByteView bytes = batch.finish();
  const rights::Raised raised({rights::Capability::kNetAdmin});
  set(socket_, SOL_SOCKET, SO_SNDBUFFORCE, static_cast<int>(bytes.size() + kSpareBytes));
  while (::send(socket_, bytes.data(), bytes.size(), 0) < 0) {
    if (errno != EINTR) return failure("a transaction of " + std::to_string(bytes.size()) + " bytes", errno);
  }
  const Answers answers = answers_on(socket_);
  if (answers.refused) return failure(batch.name_of(*answers.refused), answers.reason);
  if (answers.lost) return std::unexpected(Error{"more refusals than the kernel could tell"});
  if (!answers.done) return std::unexpected(Error{"the kernel does not say what became of a transaction"});
  return {};
}

base::Result<bool, Error> Link::read_list(std::vector<base::Bytes>& objects) const {
  Buffer buffer;
  bool whole = true;
  for (;;) {
    const ssize_t length = ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) return failure("a listing", errno);
    std::optional<int> end;
    visit_messages(base::ByteView(buffer).first(static_cast<std::size_t>(length)),
                   [&](const nlmsghdr& head, base::ByteView body) {
                     whole = whole && (head.nlmsg_flags & NLM_F_DUMP_INTR) == 0;
                     if (const auto error = error_in(head, body)) {
                       end = error;
                     } else if (head.nlmsg_type >> 8U == NFNL_SUBSYS_NFTABLES && body.size() > sizeof(nfgenmsg)) {
                       const auto attributes = body.subspan(sizeof(nfgenmsg));
                       objects.emplace_back(attributes.begin(), attributes.end());
                     }
                   });
    if (end && *end == EINTR) return false;
    if (end && *end != 0) return failure("a listing", *end);
    if (end) return whole;
  }
}

base::Result<void, Error> Link::list(int kind, const std::string& chain,
                                     const std::function<void(base::ByteView)>& visit) const {
  return ask_for(Batch::question(kind, chain), visit);
}

base::Result<void, Error> Link::list_all(int kind, std::uint8_t family,
                                         const std::function<void(base::ByteView)>& visit) const {
  return ask_for(Batch::question_of_all(kind, family), visit);
}

base::Result<void, Error> Link::ask_for(const base::Bytes& question,
                                        const std::function<void(base::ByteView)>& visit) const {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (!ask(socket_, question)) return failure("a listing", errno);
    std::vector<base::Bytes> objects;
    TED_TRY(const bool whole, read_list(objects));
    if (!whole) continue;
    for (const base::Bytes& object : objects) visit(object);
    return {};
  }
  return std::unexpected(Error{"somebody changes rules without end"});
}

}  // namespace nft
