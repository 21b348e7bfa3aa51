#include "platform/nft/generation.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include "platform/nft/messages.hpp"
#include "platform/rights/capabilities.hpp"

namespace nft {
namespace {

struct Question {
  nlmsghdr header;
  nfgenmsg body;
};

/// The bytes of the answer in `buffer`; below zero with errno.
ssize_t ask(int socket, std::array<std::uint8_t, 512>& buffer) {
  Question question{};
  question.header.nlmsg_len = sizeof question;
  question.header.nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN;
  question.header.nlmsg_flags = NLM_F_REQUEST;
  if (::send(socket, &question, sizeof question, 0) < 0) return -1;
  return ::recv(socket, buffer.data(), buffer.size(), 0);
}

}  // namespace

base::Result<GenerationCounter, Error> GenerationCounter::open() {
  const rights::Raised raised({rights::Capability::kNetAdmin});  // the kernel asks whose socket it is, too
  const int socket = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
  if (socket < 0) return std::unexpected(Error{std::string("no netlink socket: ") + std::strerror(errno)});
  return GenerationCounter(socket);
}

GenerationCounter::~GenerationCounter() {
  if (socket_ >= 0) ::close(socket_);
}

base::Result<Generation, Error> GenerationCounter::ask() const {
  const rights::Raised raised({rights::Capability::kNetAdmin});
  std::array<std::uint8_t, 512> buffer{};
  const ssize_t length = nft::ask(socket_, buffer);
  if (length < 0) return std::unexpected(Error{std::string("no answer about changes: ") + std::strerror(errno)});
  for (const Message& message : messages_in(base::ByteView(buffer).first(static_cast<std::size_t>(length)))) {
    if (message.kind == NFT_MSG_NEWGEN) return Generation{message.generation, message.process};
  }
  return std::unexpected(Error{"the kernel does not say how often the rules have changed"});
}

base::Result<Generation, Error> generation() {
  TED_TRY(const GenerationCounter counter, GenerationCounter::open());
  return counter.ask();
}

}  // namespace nft
