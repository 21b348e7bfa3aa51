#include "platform/nft/watch.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "base/bytes.hpp"
#include "platform/nft/generation.hpp"
#include "platform/nft/guard.hpp"
#include "platform/nft/interception.hpp"
#include "platform/nft/messages.hpp"
#include "platform/rights/capabilities.hpp"

namespace nft {
namespace {

constexpr std::size_t kMessageBytes = 64 << 10;

/// What one transaction did to one of our tables, so far.
struct Effect {
  bool of_table = false;  ///< the table itself was made, changed or deleted
  bool of_part = false;   ///< something was put into it or taken out of it

  void note(int kind) {
    switch (kind) {
      case NFT_MSG_NEWTABLE:
      case NFT_MSG_DELTABLE: of_table = true; break;
      default: of_part = true; break;  // an `accept` put in opens as much as a `drop` taken out
    }
  }
  void apply_to(Change& change, bool own) const {
    if (own && of_table) change = Change::kNone;
    if (!own && (of_table || of_part)) change = std::max(change, Change::kDamaged);
  }
};

std::string_view name_of(std::string_view table) {
  return table.substr(table.find(' ') + 1);
}

bool be_told(int socket, int membership) {
  const rights::Raised raised({rights::Capability::kNetAdmin});
  const int group = NFNLGRP_NFTABLES;
  return ::setsockopt(socket, SOL_NETLINK, membership, &group, sizeof group) == 0;
}

}  // namespace

struct Watch::State {
  int socket = -1;
  std::uint32_t own = 0;  // what the kernel calls us
  Effect guard;           // of the transaction that is being told
  Effect interception;
  Changes changes;

  State(int fd, std::uint32_t process) : socket(fd), own(process) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { ::close(socket); }

  void take(const Message& message) {
    if (message.kind == NFT_MSG_NEWGEN) {  // the last message of a transaction
      std::exchange(guard, {}).apply_to(changes.guard, message.process == own);
      std::exchange(interception, {}).apply_to(changes.interception, message.process == own);
    } else if (message.kind == NFT_MSG_NEWFLOWTABLE || message.kind == NFT_MSG_DELFLOWTABLE) {
      changes.flowtables = true;
    } else if (message.family != NFPROTO_INET) {
      return;
    } else if (message.table == name_of(kGuardTable)) {
      guard.note(message.kind);
    } else if (message.table == name_of(kInterceptionTable)) {
      interception.note(message.kind);
    }
  }

  void lose() {
    guard = interception = {};
    changes = {.guard = Change::kUnknown, .interception = Change::kUnknown, .flowtables = true};
  }
};

base::Result<Watch, Error> Watch::open(int receive_buffer) {
  TED_TRY(const Generation now, generation());
  const rights::Raised raised({rights::Capability::kNetAdmin});
  const int socket = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_NETFILTER);
  if (socket < 0) return std::unexpected(Error{std::string("no netlink socket: ") + std::strerror(errno)});
  Watch watch(std::make_unique<State>(socket, now.asker));
  ::setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &receive_buffer, sizeof receive_buffer);
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      !be_told(socket, NETLINK_ADD_MEMBERSHIP)) {
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

void Watch::pause() {
  static_cast<void>(be_told(state_->socket, NETLINK_DROP_MEMBERSHIP));  // told all the same: slower, and no matter
}

void Watch::resume() {
  if (!be_told(state_->socket, NETLINK_ADD_MEMBERSHIP)) state_->lose();
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
      const base::ByteView datagram = base::ByteView(buffer).first(static_cast<std::size_t>(length));
      for (const Message& message : messages_in(datagram)) state_->take(message);
    }
  }
  return std::exchange(state_->changes, {});
}

}  // namespace nft
