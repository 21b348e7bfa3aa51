#include "platform/nflog/message.hpp"

#include <algorithm>
#include <cstring>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <linux/netlink.h>

namespace nflog {
namespace {

constexpr std::size_t kMessageHead = NLMSG_HDRLEN;
constexpr std::size_t kAttributeHead = sizeof(nlattr);
constexpr std::size_t kAttributesAt = kMessageHead + sizeof(nfgenmsg);
constexpr unsigned kTypeMask = 0x3fff;  // NLA_TYPE_MASK, which is a negative number
constexpr std::uint16_t kPacket = NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET;

/// What is left behind one that takes so many bytes, and those up to the next multiple of four.
base::ByteView behind(base::ByteView bytes, std::size_t length) {
  return bytes.subspan(std::min((length + 3) / 4 * 4, bytes.size()));
}

/// In the machine's own order, as netlink has its headers; `bytes` has as many.
template <class T>
T host(base::ByteView bytes) {
  T value{};
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

std::uint32_t number(base::ByteView body) {
  return base::Reader(body).u32();
}

std::string_view words(base::ByteView body) {
  const auto end = std::ranges::find(body, std::uint8_t{0});
  return {reinterpret_cast<const char*>(body.data()), static_cast<std::size_t>(end - body.begin())};
}

/// Nothing when it is shorter than the kernel's, or no time that can be told in microseconds.
std::optional<std::chrono::microseconds> time(base::ByteView body) {
  constexpr std::uint64_t second = 1'000'000;
  base::Reader reader(body);
  const std::uint64_t seconds = reader.u64();
  const std::uint64_t microseconds = reader.u64();
  if (reader.failed() || microseconds >= second || seconds >= INT64_MAX / second) return std::nullopt;
  return std::chrono::microseconds(seconds * second + microseconds);
}

void note(unsigned type, base::ByteView body, Copy& copy) {
  switch (type) {
    case NFULA_PAYLOAD: copy.packet = body; break;
    case NFULA_IFINDEX_INDEV: copy.info.in_interface = number(body); break;
    case NFULA_IFINDEX_OUTDEV: copy.info.out_interface = number(body); break;
    case NFULA_MARK: copy.info.mark = number(body); break;
    case NFULA_TIMESTAMP: copy.info.timestamp = time(body); break;
    case NFULA_PREFIX: copy.info.prefix = words(body); break;
    case NFULA_SEQ: copy.sequence = number(body); break;
    default: break;
  }
}

/// False when one is longer than what is there.
bool note_attributes(base::ByteView attributes, Copy& copy) {
  while (attributes.size() >= kAttributeHead) {
    const auto head = host<nlattr>(attributes);
    if (head.nla_len < kAttributeHead || head.nla_len > attributes.size()) return false;
    note(head.nla_type & kTypeMask, attributes.first(head.nla_len).subspan(kAttributeHead), copy);
    attributes = behind(attributes, head.nla_len);
  }
  return true;
}

}  // namespace

bool Messages::next(Copy& copy) {
  while (rest_.size() >= kMessageHead) {
    const auto head = host<nlmsghdr>(rest_);
    if (head.nlmsg_len < kMessageHead || head.nlmsg_len > rest_.size()) return fail();
    const base::ByteView message = rest_.first(head.nlmsg_len);
    rest_ = behind(rest_, head.nlmsg_len);
    if (head.nlmsg_type < NLMSG_MIN_TYPE) continue;  // netlink's own: where several packets end
    if (head.nlmsg_type != kPacket || message.size() < kAttributesAt) return fail();
    copy = {};
    return note_attributes(message.subspan(kAttributesAt), copy) || fail();
  }
  return rest_.empty() ? false : fail();
}

}  // namespace nflog
