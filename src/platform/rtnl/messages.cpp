#include "platform/rtnl/messages.hpp"

#include <array>
#include <cstring>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <optional>
#include <sys/socket.h>

namespace rtnl {
namespace {

constexpr std::uint32_t kUp = IFF_UP | IFF_RUNNING;

/// The attributes of one message up to the number Last, by number; a later one of the same number counts.
template <std::size_t Last>
class Attributes {
 public:
  Attributes(const void* begin, std::size_t size) { mnl_attr_parse_payload(begin, size, &note, this); }

  [[nodiscard]] const nlattr* find(std::size_t number) const { return found_[number]; }

  [[nodiscard]] std::optional<std::uint32_t> number(std::size_t which) const {
    const nlattr* attribute = found_[which];
    if (attribute == nullptr || mnl_attr_get_payload_len(attribute) != sizeof(std::uint32_t)) return std::nullopt;
    return mnl_attr_get_u32(attribute);
  }
  [[nodiscard]] std::optional<base::Address> address(std::size_t which, base::Family family) const {
    const nlattr* attribute = found_[which];
    if (attribute == nullptr || mnl_attr_get_payload_len(attribute) != base::octets(family)) return std::nullopt;
    base::Uint128 value = 0;
    const auto* bytes = static_cast<const std::uint8_t*>(mnl_attr_get_payload(attribute));
    for (std::size_t i = 0; i < base::octets(family); ++i) value = value << 8 | bytes[i];
    return base::Address(family, value);
  }

 private:
  static int note(const nlattr* attribute, void* self) {
    const std::size_t number = mnl_attr_get_type(attribute);
    if (number <= Last) static_cast<Attributes*>(self)->found_[number] = attribute;
    return MNL_CB_OK;
  }
  std::array<const nlattr*, Last + 1> found_{};
};

/// The fixed part of a message, and the attributes behind it; nothing when it is cut short.
template <class Head, std::size_t Last>
struct Body {
  Head head;
  Attributes<Last> attributes;

  static std::optional<Body> of(const nlmsghdr& message) {
    static_assert(sizeof(Head) % MNL_ALIGNTO == 0);
    const std::size_t size = mnl_nlmsg_get_payload_len(&message);
    if (size < sizeof(Head)) return std::nullopt;
    Head head;
    std::memcpy(&head, mnl_nlmsg_get_payload(&message), sizeof head);
    return Body{head, {mnl_nlmsg_get_payload_offset(&message, sizeof head), size - sizeof head}};
  }
};

std::optional<base::Family> family_of(unsigned char family) {
  if (family == AF_INET) return base::Family::kV4;
  if (family == AF_INET6) return base::Family::kV6;
  return std::nullopt;
}

std::string text_of(const nlattr* attribute) {
  if (attribute == nullptr) return {};
  const char* letters = mnl_attr_get_str(attribute);
  return {letters, strnlen(letters, mnl_attr_get_payload_len(attribute))};
}

std::string kind_of(const nlattr* info) {
  if (info == nullptr) return {};
  const Attributes<IFLA_INFO_KIND> inside(mnl_attr_get_payload(info), mnl_attr_get_payload_len(info));
  return text_of(inside.find(IFLA_INFO_KIND));
}

std::optional<Link> link_of(const nlmsghdr& message) {
  const auto body = Body<ifinfomsg, IFLA_LINKINFO>::of(message);
  if (!body || body->head.ifi_index <= 0) return std::nullopt;
  const nlattr* name = body->attributes.find(IFLA_IFNAME);
  if (name == nullptr) return std::nullopt;
  return Link{static_cast<Index>(body->head.ifi_index), text_of(name), (body->head.ifi_flags & kUp) == kUp,
              body->attributes.number(IFLA_MASTER).value_or(0), kind_of(body->attributes.find(IFLA_LINKINFO))};
}

std::optional<InterfaceAddress> address_of(const nlmsghdr& message) {
  const auto body = Body<ifaddrmsg, IFA_LOCAL>::of(message);
  const auto family = body ? family_of(body->head.ifa_family) : std::nullopt;
  if (!family || body->head.ifa_prefixlen > base::width(*family)) return std::nullopt;
  const auto local = body->attributes.address(IFA_LOCAL, *family);
  const auto address = body->attributes.address(IFA_ADDRESS, *family);
  if (!local && !address) return std::nullopt;
  return InterfaceAddress{body->head.ifa_index, local ? *local : *address,
                          base::Prefix(address ? *address : *local, body->head.ifa_prefixlen)};
}

/// Its ways out, one behind the other.
void add_ways(const nlattr& multipath, Route route, std::vector<Route>& routes) {
  const auto* at = static_cast<const std::uint8_t*>(mnl_attr_get_payload(&multipath));
  std::size_t left = mnl_attr_get_payload_len(&multipath);
  while (left >= sizeof(rtnexthop)) {
    rtnexthop hop{};
    std::memcpy(&hop, at, sizeof hop);
    if (hop.rtnh_len < sizeof hop || hop.rtnh_len > left) return;
    route.out = static_cast<Index>(hop.rtnh_ifindex);
    routes.push_back(route);
    const std::size_t step = std::min<std::size_t>(MNL_ALIGN(hop.rtnh_len), left);
    at += step;
    left -= step;
  }
}

bool leads_on(const rtmsg& head) {
  switch (head.rtm_type) {
    case RTN_UNICAST:
    case RTN_BLACKHOLE:
    case RTN_UNREACHABLE:
    case RTN_PROHIBIT:
    case RTN_THROW: return (head.rtm_flags & RTM_F_CLONED) == 0 && head.rtm_tos == 0 && head.rtm_src_len == 0;
    default: return false;
  }
}

/// False when the message is none of a route that counts.
bool take_route(const nlmsghdr& message, std::vector<Route>& routes) {
  const auto body = Body<rtmsg, RTA_TABLE>::of(message);
  const auto family = body ? family_of(body->head.rtm_family) : std::nullopt;
  if (!family || body->head.rtm_dst_len > base::width(*family) || !leads_on(body->head)) return false;
  if (body->attributes.number(RTA_TABLE).value_or(body->head.rtm_table) != RT_TABLE_MAIN) return false;
  const auto to = body->attributes.address(RTA_DST, *family);
  if (!to && body->head.rtm_dst_len != 0) return false;
  Route route{base::Prefix(to.value_or(base::Address(*family, 0)), body->head.rtm_dst_len),
              body->attributes.number(RTA_PRIORITY).value_or(0), 0};
  const nlattr* multipath = body->attributes.find(RTA_MULTIPATH);
  if (body->head.rtm_type == RTN_UNICAST && multipath != nullptr) {
    add_ways(*multipath, route, routes);
    return true;
  }
  if (body->head.rtm_type == RTN_UNICAST) route.out = body->attributes.number(RTA_OIF).value_or(0);
  routes.push_back(route);
  return true;
}

template <class T>
bool add(std::optional<T> entry, std::vector<T>& entries) {
  if (!entry) return false;
  entries.push_back(*std::move(entry));
  return true;
}

bool take_entry(const nlmsghdr& message, Tables& tables) {
  switch (message.nlmsg_type) {
    case RTM_NEWLINK: return add(link_of(message), tables.links);
    case RTM_NEWADDR: return add(address_of(message), tables.addresses);
    case RTM_NEWROUTE: return take_route(message, tables.routes);
    case RTM_DELLINK: return link_of(message).has_value();
    case RTM_DELADDR: return address_of(message).has_value();
    case RTM_DELROUTE: {
      std::vector<Route> gone;
      return take_route(message, gone);
    }
    default: return false;
  }
}

/// NLMSG_ERROR and NLMSG_DONE begin with an errno, negative.
int errno_in(const nlmsghdr& message) {
  int code = 0;
  if (mnl_nlmsg_get_payload_len(&message) < sizeof code) return 0;
  std::memcpy(&code, mnl_nlmsg_get_payload(&message), sizeof code);
  return code < 0 && code > -4096 ? -code : 0;
}

}  // namespace

Heard take(base::ByteView datagram, Tables& tables) {
  Heard heard;
  int left = static_cast<int>(datagram.size());
  const auto* message = reinterpret_cast<const nlmsghdr*>(datagram.data());
  // libmnl takes a length of more than 2 GiB for a negative one, which is less than what is left.
  const auto is_whole = [&] { return mnl_nlmsg_ok(message, left) && message->nlmsg_len <= datagram.size(); };
  for (; is_whole(); message = mnl_nlmsg_next(message, &left)) {
    heard.interrupted |= (message->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
    if (message->nlmsg_type == NLMSG_ERROR || message->nlmsg_type == NLMSG_DONE) {
      heard.done = true;
      heard.error = errno_in(*message);
    } else {
      heard.relevant |= take_entry(*message, tables);
    }
  }
  return heard;
}

}  // namespace rtnl
