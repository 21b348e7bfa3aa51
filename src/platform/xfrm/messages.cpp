#include "platform/xfrm/messages.hpp"

#include <cstring>
#include <endian.h>
#include <netinet/in.h>
#include <span>
#include <sys/socket.h>
#include <utility>

namespace xfrm {
namespace {

std::optional<base::Family> family_of(std::uint16_t number) {
  if (number == AF_INET) return base::Family::kV4;
  if (number == AF_INET6) return base::Family::kV6;
  return std::nullopt;
}

base::Address address(const xfrm_address_t& bytes, base::Family family) {
  if (family == base::Family::kV4) return base::Address::v4(be32toh(bytes.a4));
  base::Uint128 value = 0;
  for (const auto part : bytes.a6) value = value << 32 | be32toh(part);
  return {family, value};
}

std::optional<base::MaskedAddress> network(const xfrm_address_t& bytes, unsigned length, base::Family family) {
  if (length > base::width(family)) return std::nullopt;
  const base::Uint128 hosts = length == base::width(family) ? 0 : base::all_ones(family) >> length;
  return base::MaskedAddress(address(bytes, family), base::all_ones(family) & ~hosts);
}

base::PortRange ports(std::uint16_t port, std::uint16_t mask) {
  const auto low = static_cast<std::uint16_t>(be16toh(port) & be16toh(mask));
  return {low, static_cast<std::uint16_t>(low | static_cast<std::uint16_t>(~be16toh(mask)))};
}

/// From the sender's side.
std::optional<base::Selector> selector_of(const xfrm_selector& selector) {
  const auto family = family_of(selector.family);
  if (!family) return std::nullopt;
  const auto source = network(selector.saddr, selector.prefixlen_s, *family);
  const auto destination = network(selector.daddr, selector.prefixlen_d, *family);
  if (!source || !destination) return std::nullopt;
  base::Selector box{.protocol = {}, .local = *source, .remote = *destination, .local_port = {}, .remote_port = {}};
  if (selector.proto == 0) return box;
  box.protocol = base::Protocol{selector.proto};
  box.local_port = ports(selector.sport, selector.sport_mask);
  box.remote_port = ports(selector.dport, selector.dport_mask);
  return box;
}

int find_template(const nlattr* attribute, void* to) {
  auto& found = *static_cast<const nlattr**>(to);
  if (found == nullptr && mnl_attr_get_type(attribute) == XFRMA_TMPL) found = attribute;
  return MNL_CB_OK;
}

/// The first of its templates.
std::optional<xfrm_user_tmpl> template_of(const nlmsghdr& message) {
  const nlattr* found = nullptr;
  mnl_attr_parse(&message, sizeof(xfrm_userpolicy_info), find_template, static_cast<void*>(&found));
  xfrm_user_tmpl first{};
  if (found == nullptr || mnl_attr_get_payload_len(found) < sizeof first) return std::nullopt;
  std::memcpy(&first, mnl_attr_get_payload(found), sizeof first);
  return first;
}

}  // namespace

std::optional<Listed> read_policy(const nlmsghdr& message) {
  xfrm_userpolicy_info info{};
  if (message.nlmsg_type != XFRM_MSG_NEWPOLICY || mnl_nlmsg_get_payload_len(&message) < sizeof info) {
    return std::nullopt;
  }
  std::memcpy(&info, mnl_nlmsg_get_payload(&message), sizeof info);
  const auto tunnel = template_of(message);
  const auto selector = selector_of(info.sel);
  if (!tunnel || !selector || tunnel->mode != XFRM_MODE_TUNNEL || tunnel->id.proto != IPPROTO_ESP) return std::nullopt;
  const auto family = family_of(tunnel->family);
  if (!family || info.dir > XFRM_POLICY_FWD) return std::nullopt;  // beyond: of a socket
  TunnelPolicy policy{*selector, address(tunnel->saddr, *family), address(tunnel->id.daddr, *family)};
  if (info.dir != XFRM_POLICY_OUT) {
    policy.selector = selector->mirrored();
    std::swap(policy.local, policy.peer);
  }
  return Listed{policy, {.sel = info.sel, .index = info.index, .dir = info.dir}};
}

}  // namespace xfrm
