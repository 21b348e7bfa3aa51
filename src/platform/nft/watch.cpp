#include "platform/nft/watch.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <optional>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "base/bytes.hpp"
#include "platform/nft/guard.hpp"
#include "platform/nft/interception.hpp"

namespace nft {
namespace {

constexpr std::size_t kMessageBytes = 64 << 10;

/// What one transaction did to one table, so far.
struct Effect {
  std::optional<bool> stands;  ///< after the last time that the table itself was made or deleted
  bool damaged = false;

  void apply_to(Change& change) const {
    if (stands) {
      change = *stands ? Change::kNone : Change::kRemoved;
    } else if (damaged && change == Change::kNone) {
      change = Change::kDamaged;
    }
  }
};

/// One message of nftables: its kind, and the table and chain that it is about.
struct Message {
  int kind = 0;
  std::string_view table;
  std::string_view chain;
};

template <class T>
T value_at(base::ByteView bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

std::size_t aligned(std::size_t length) {
  return (length + 3) & ~std::size_t{3};
}

std::string_view text_of(base::ByteView bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return text.substr(0, text.find('\0'));
}

// Every kind of message that we look at names its table in attribute 1; rules name their chain in attribute 2.
static_assert(NFTA_TABLE_NAME == 1 && NFTA_CHAIN_TABLE == 1 && NFTA_RULE_TABLE == 1 && NFTA_SET_TABLE == 1);
static_assert(NFTA_RULE_CHAIN == 2);

Message message_of(int kind, base::ByteView body) {
  Message message{.kind = kind, .table = {}, .chain = {}};
  if (body.size() < sizeof(nfgenmsg) || value_at<nfgenmsg>(body).nfgen_family != NFPROTO_INET) return message;
  body = body.subspan(sizeof(nfgenmsg));
  while (body.size() >= sizeof(nlattr)) {
    const auto head = value_at<nlattr>(body);
    if (head.nla_len < sizeof head || head.nla_len > body.size()) break;
    const std::string_view value = text_of(body.first(head.nla_len).subspan(sizeof head));
    if (head.nla_type == NFTA_RULE_TABLE) message.table = value;
    if (head.nla_type == NFTA_RULE_CHAIN) message.chain = value;
    body = body.subspan(std::min(aligned(head.nla_len), body.size()));
  }
  return message;
}

std::string_view name_of(std::string_view table) {
  return table.substr(table.find(' ') + 1);
}

void note(Effect& effect, const Message& message) {
  switch (message.kind) {
    case NFT_MSG_NEWTABLE: effect.stands = true; break;
    case NFT_MSG_DELTABLE: effect.stands = false; break;
    case NFT_MSG_DELRULE: effect.damaged |= message.chain != "tunnels"; break;
    case NFT_MSG_DELCHAIN:
    case NFT_MSG_DELSET: effect.damaged = true; break;
    default: break;
  }
}

}  // namespace

struct Watch::State {
  int socket = -1;
  Effect guard;  // of the transaction that is being told
  Effect interception;
  Changes changes;

  explicit State(int fd) : socket(fd) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { ::close(socket); }

  void take(const Message& message) {
    if (message.kind == NFT_MSG_NEWGEN) {  // the last message of a transaction
      std::exchange(guard, {}).apply_to(changes.guard);
      std::exchange(interception, {}).apply_to(changes.interception);
    } else if (message.table == name_of(kGuardTable)) {
      note(guard, message);
    } else if (message.table == name_of(kInterceptionTable)) {
      note(interception, message);
    }
  }

  void take_all(base::ByteView bytes) {
    while (bytes.size() >= sizeof(nlmsghdr)) {
      const auto head = value_at<nlmsghdr>(bytes);
      if (head.nlmsg_len < sizeof head || head.nlmsg_len > bytes.size()) return;
      if (head.nlmsg_type >> 8U == NFNL_SUBSYS_NFTABLES) {
        take(message_of(head.nlmsg_type & 0xff, bytes.first(head.nlmsg_len).subspan(sizeof head)));
      }
      bytes = bytes.subspan(std::min(aligned(head.nlmsg_len), bytes.size()));
    }
  }

  void lose() {
    guard = interception = {};
    changes = {Change::kUnknown, Change::kUnknown};
  }
};

base::Result<Watch, Error> Watch::open(int receive_buffer) {
  const int socket = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_NETFILTER);
  if (socket < 0) return std::unexpected(Error{std::string("no netlink socket: ") + std::strerror(errno)});
  Watch watch(std::make_unique<State>(socket));
  ::setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &receive_buffer, sizeof receive_buffer);
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  const int group = NFNLGRP_NFTABLES;
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::setsockopt(socket, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) != 0) {
    return std::unexpected(Error{std::string("changes cannot be watched: ") + std::strerror(errno)});
  }
  return watch;
}

Watch::Watch(std::unique_ptr<State> state) : state_(std::move(state)) {}
Watch::Watch(Watch&&) noexcept = default;
Watch& Watch::operator=(Watch&&) noexcept = default;
Watch::~Watch() = default;

int Watch::fd() const {
  return state_->socket;
}

Changes Watch::read() {
  std::array<std::uint8_t, kMessageBytes> buffer{};
  for (;;) {
    const ssize_t length = ::recv(state_->socket, buffer.data(), buffer.size(), MSG_DONTWAIT | MSG_TRUNC);
    if (length < 0 && errno == EINTR) continue;
    if (length < 0 && errno == ENOBUFS) {
      state_->lose();
      continue;
    }
    if (length < 0) break;
    if (static_cast<std::size_t>(length) > buffer.size()) {
      state_->lose();
    } else {
      state_->take_all(base::ByteView(buffer).first(static_cast<std::size_t>(length)));
    }
  }
  return std::exchange(state_->changes, {});
}

}  // namespace nft
