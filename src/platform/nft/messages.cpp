#include "platform/nft/messages.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

namespace nft {
namespace {

template <class T>
T value_at(base::ByteView bytes) {
  T value{};
  std::memcpy(&value, bytes.data(), std::min(bytes.size(), sizeof value));
  return value;
}

std::size_t aligned(std::size_t length) {
  return (length + 3) & ~std::size_t{3};
}

std::string_view text_of(base::ByteView bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return text.substr(0, text.find('\0'));
}

// Every kind of message that is looked at names its table in attribute 1.
static_assert(NFTA_TABLE_NAME == 1 && NFTA_CHAIN_TABLE == 1 && NFTA_RULE_TABLE == 1 && NFTA_SET_TABLE == 1 &&
              NFTA_SET_ELEM_LIST_TABLE == 1);

void take(Message& message, std::uint16_t attribute, base::ByteView value) {
  if (message.kind == NFT_MSG_NEWGEN) {
    if (attribute == NFTA_GEN_ID) message.generation = ntohl(value_at<std::uint32_t>(value));
    if (attribute == NFTA_GEN_PROC_PID) message.process = ntohl(value_at<std::uint32_t>(value));
  } else if (attribute == NFTA_TABLE_NAME) {
    message.table = text_of(value);
  }
}

Message message_of(int kind, base::ByteView body) {
  Message message{.kind = kind, .family = 0, .table = {}, .generation = 0, .process = 0};
  if (body.size() < sizeof(nfgenmsg)) return message;
  message.family = value_at<nfgenmsg>(body).nfgen_family;
  body = body.subspan(sizeof(nfgenmsg));
  while (body.size() >= sizeof(nlattr)) {
    const auto head = value_at<nlattr>(body);
    if (head.nla_len < sizeof head || head.nla_len > body.size()) break;
    take(message, head.nla_type, body.first(head.nla_len).subspan(sizeof head));
    body = body.subspan(std::min(aligned(head.nla_len), body.size()));
  }
  return message;
}

}  // namespace

std::vector<Message> messages_in(base::ByteView datagram) {
  std::vector<Message> messages;
  while (datagram.size() >= sizeof(nlmsghdr)) {
    const auto head = value_at<nlmsghdr>(datagram);
    if (head.nlmsg_len < sizeof head || head.nlmsg_len > datagram.size()) break;
    if (head.nlmsg_type >> 8U == NFNL_SUBSYS_NFTABLES) {
      messages.push_back(message_of(head.nlmsg_type & 0xff, datagram.first(head.nlmsg_len).subspan(sizeof head)));
    }
    datagram = datagram.subspan(std::min(aligned(head.nlmsg_len), datagram.size()));
  }
  return messages;
}

}  // namespace nft
