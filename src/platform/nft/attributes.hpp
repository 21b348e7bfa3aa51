// Netlink's attributes, as they are read.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <linux/netlink.h>
#include <string_view>

#include "base/bytes.hpp"

namespace nft {

/// The first bytes as a T of this machine; zeroes where there are too few.
template <class T>
[[nodiscard]] T value_at(base::ByteView bytes) {
  T value{};
  if (!bytes.empty()) std::memcpy(&value, bytes.data(), std::min(bytes.size(), sizeof value));
  return value;
}

/// What netlink rounds lengths up to.
[[nodiscard]] constexpr std::size_t aligned(std::size_t length) {
  return (length + 3) & ~std::size_t{3};
}

/// Up to the first NUL.
[[nodiscard]] inline std::string_view text_of(base::ByteView bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return text.substr(0, text.find('\0'));
}

/// `visit(attribute, value)` for each attribute, up to the first that is cut short. Values are views into `bytes`.
template <class Visit>
void visit_attributes(base::ByteView bytes, Visit visit) {
  while (bytes.size() >= sizeof(nlattr)) {
    const auto head = value_at<nlattr>(bytes);
    if (head.nla_len < sizeof head || head.nla_len > bytes.size()) return;
    visit(static_cast<int>(head.nla_type & NLA_TYPE_MASK), bytes.first(head.nla_len).subspan(sizeof head));
    bytes = bytes.subspan(std::min(aligned(head.nla_len), bytes.size()));
  }
}

/// The value of the first attribute of that kind; empty when there is none.
[[nodiscard]] inline base::ByteView attribute_in(base::ByteView bytes, int wanted) {
  base::ByteView found;
  visit_attributes(bytes, [&](int attribute, base::ByteView value) {
    if (attribute == wanted && found.empty()) found = value;
  });
  return found;
}

/// `visit(header, body)` for each message of a datagram, up to the first that is cut short.
template <class Visit>
void visit_messages(base::ByteView datagram, Visit visit) {
  while (datagram.size() >= sizeof(nlmsghdr)) {
    const auto head = value_at<nlmsghdr>(datagram);
    if (head.nlmsg_len < sizeof head || head.nlmsg_len > datagram.size()) return;
    visit(head, datagram.first(head.nlmsg_len).subspan(sizeof head));
    datagram = datagram.subspan(std::min(aligned(head.nlmsg_len), datagram.size()));
  }
}

}  // namespace nft
