#include "platform/nft/messages.hpp"

#include <arpa/inet.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "platform/nft/attributes.hpp"

namespace nft {
namespace {

// Every kind of message that is looked at names its table in attribute 1.
static_assert(NFTA_TABLE_NAME == 1 && NFTA_CHAIN_TABLE == 1 && NFTA_RULE_TABLE == 1 && NFTA_SET_TABLE == 1 &&
              NFTA_SET_ELEM_LIST_TABLE == 1);

void take(Message& message, int attribute, base::ByteView value) {
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
  visit_attributes(body.subspan(sizeof(nfgenmsg)),
                   [&](int attribute, base::ByteView value) { take(message, attribute, value); });
  return message;
}

}  // namespace

std::vector<Message> messages_in(base::ByteView datagram) {
  std::vector<Message> messages;
  visit_messages(datagram, [&](const nlmsghdr& head, base::ByteView body) {
    if (head.nlmsg_type >> 8U == NFNL_SUBSYS_NFTABLES) messages.push_back(message_of(head.nlmsg_type & 0xff, body));
  });
  return messages;
}

}  // namespace nft
