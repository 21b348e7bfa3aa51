#include "platform/nft/batch.hpp"

#include <arpa/inet.h>
#include <cstring>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <utility>

#include "platform/nft/attributes.hpp"
#include "platform/nft/guard.hpp"

namespace nft {
namespace {

template <class T>
void append(base::Bytes& bytes, const T& value) {
  const auto* first = reinterpret_cast<const std::uint8_t*>(&value);
  bytes.insert(bytes.end(), first, first + sizeof value);
}

void put_length(base::Bytes& bytes, std::size_t at, std::uint16_t length) {
  std::memcpy(bytes.data() + at, &length, sizeof length);
}

}  // namespace

// The subsystem is in the resource id of the first and the last message, as the kernel has it.
Batch::Batch() {
  head(NFNL_MSG_BATCH_BEGIN, 0, 0);
}

void Batch::head(int kind, int flags, std::uint32_t sequence) {
  message_ = bytes_.size();
  const bool bracket = kind == NFNL_MSG_BATCH_BEGIN || kind == NFNL_MSG_BATCH_END;
  const int type = bracket ? kind : NFNL_SUBSYS_NFTABLES << 8 | kind;
  append(bytes_, nlmsghdr{.nlmsg_len = sizeof(nlmsghdr) + sizeof(nfgenmsg),
                          .nlmsg_type = static_cast<std::uint16_t>(type),
                          .nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags),
                          .nlmsg_seq = sequence,
                          .nlmsg_pid = 0});
  append(bytes_, nfgenmsg{.nfgen_family = bracket ? std::uint8_t{NFPROTO_UNSPEC} : std::uint8_t{NFPROTO_INET},
                          .version = NFNETLINK_V0,
                          .res_id = htons(bracket ? NFNL_SUBSYS_NFTABLES : 0)});
}

void Batch::end_message() {
  const auto length = static_cast<std::uint32_t>(bytes_.size() - message_);
  std::memcpy(bytes_.data() + message_, &length, sizeof length);
}

void Batch::begin(std::string what, int kind, int flags) {
  end_message();
  names_.push_back(std::move(what));
  head(kind, flags, static_cast<std::uint32_t>(names_.size()));
  text(NFTA_TABLE_NAME, kGuardTable.substr(kGuardTable.find(' ') + 1));
}

void Batch::text(int attribute, std::string_view value) {
  const std::size_t at = open(attribute);
  bytes_.insert(bytes_.end(), value.begin(), value.end());
  bytes_.push_back(0);
  close(at);
}

void Batch::number(int attribute, std::uint32_t value) {
  const std::uint32_t swapped = htonl(value);
  bytes(attribute, base::ByteView(reinterpret_cast<const std::uint8_t*>(&swapped), sizeof swapped));
}

void Batch::handle(int attribute, std::uint64_t value) {
  std::array<std::uint8_t, sizeof value> swapped{};
  base::store(value, std::span(swapped));
  bytes(attribute, swapped);
}

void Batch::bytes(int attribute, base::ByteView value) {
  const std::size_t at = open(attribute);
  bytes_.insert(bytes_.end(), value.begin(), value.end());
  close(at);
}

base::Bytes Batch::question(int kind, const std::string& chain) {
  Batch batch;
  const auto start = static_cast<std::ptrdiff_t>(batch.bytes_.size());
  batch.begin({}, kind, NLM_F_DUMP);
  if (!chain.empty()) batch.text(NFTA_RULE_CHAIN, chain);
  batch.end_message();
  return {batch.bytes_.begin() + start, batch.bytes_.end()};
}

base::Bytes Batch::question_of_all(int kind, std::uint8_t family) {
  Batch batch;
  const auto start = static_cast<std::ptrdiff_t>(batch.bytes_.size());
  batch.end_message();
  batch.head(kind, NLM_F_DUMP, 1);
  batch.bytes_[batch.message_ + sizeof(nlmsghdr)] = family;  // the first member of nfgenmsg
  batch.end_message();
  return {batch.bytes_.begin() + start, batch.bytes_.end()};
}

std::size_t Batch::open(int attribute) {
  const std::size_t at = bytes_.size();
  append(bytes_, nlattr{.nla_len = 0, .nla_type = static_cast<std::uint16_t>(attribute)});
  return at;
}

void Batch::close(std::size_t at) {
  put_length(bytes_, at, static_cast<std::uint16_t>(bytes_.size() - at));
  bytes_.resize(aligned(bytes_.size()));
}

// A kernel before 6.10 answers no BATCH_END, so the last message of our own asks.
base::ByteView Batch::finish() {
  auto header = value_at<nlmsghdr>(base::ByteView(bytes_).subspan(message_));
  header.nlmsg_flags |= NLM_F_ACK;
  std::memcpy(bytes_.data() + message_, &header, sizeof header);
  end_message();
  head(NFNL_MSG_BATCH_END, 0, static_cast<std::uint32_t>(names_.size() + 1));
  return bytes_;
}

std::string Batch::name_of(std::uint32_t sequence) const {
  return sequence == 0 || sequence > names_.size() ? "the transaction" : names_[sequence - 1];
}

}  // namespace nft
