#include "base/selector_list.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace base {

namespace {

void set_ports(std::vector<SelectorEnd>& ends, PortRange port) {
  for (SelectorEnd& end : ends) end.port = port;
}

std::string ends_text(const std::vector<SelectorEnd>& ends) {
  static constexpr std::size_t kNamed = 8;
  std::string all = "{";
  for (const SelectorEnd& end : std::span(ends).first(std::min(ends.size(), kNamed))) {
    if (all.size() > 1) all += ", ";
    const bool bracket = !end.port.is_any() && end.address.family() == Family::kV6;
    all += bracket ? "[" + end.address.text() + "]" : end.address.text();
    if (!end.port.is_any()) all += ":" + end.port.text();
  }
  if (ends.size() > kNamed) all += " and " + std::to_string(ends.size() - kNamed) + " more";
  return all + "}";
}

}  // namespace

SelectorList SelectorList::of(const Selector& selector) {
  return {selector.protocol, {{selector.local, selector.local_port}}, {{selector.remote, selector.remote_port}}};
}

bool SelectorList::contains(const Flow& flow) const {
  if (protocol && *protocol != flow.protocol) return false;
  const auto has = [](const std::vector<SelectorEnd>& ends, const Address& address, std::uint16_t port) {
    return std::ranges::any_of(
        ends, [&](const SelectorEnd& end) { return end.address.contains(address) && end.port.contains(port); });
  };
  return has(local, flow.source, flow.source_port) && has(remote, flow.destination, flow.destination_port);
}

SelectorList SelectorList::mirrored() const {
  SelectorList other{protocol, remote, local};
  if (protocol && is_icmp(*protocol)) {
    set_ports(other.local, local.front().port);
    set_ports(other.remote, remote.front().port);
  }
  return other;
}

std::vector<Selector> SelectorList::boxes() const {
  std::vector<Selector> all;
  all.reserve(local.size() * remote.size());
  for (const SelectorEnd& mine : local) {
    for (const SelectorEnd& theirs : remote) {
      all.push_back({protocol, mine.address, theirs.address, mine.port, theirs.port});
    }
  }
  return all;
}

std::string SelectorList::text() const {
  if (local.size() == 1 && remote.size() == 1) return boxes().front().text();
  return (protocol ? base::text(*protocol) : "any") + " " + ends_text(local) + " > " + ends_text(remote);
}

}  // namespace base
