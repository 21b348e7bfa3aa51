#include "base/selector_list.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
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

std::size_t place_of(std::vector<SelectorEnd>& ends, const SelectorEnd& end) {
  const auto found = std::ranges::find(ends, end);
  if (found != ends.end()) return static_cast<std::size_t>(found - ends.begin());
  ends.push_back(end);
  return ends.size() - 1;
}

// The boxes are those of one list when each local end is there with each remote one, once.
std::optional<SelectorList> list_of(std::span<const Selector> boxes) {
  SelectorList all{boxes.front().protocol, {}, {}};
  std::vector<std::pair<std::size_t, std::size_t>> places;
  for (const Selector& box : boxes) {
    if (box.protocol != all.protocol || box.family() != boxes.front().family()) return std::nullopt;
    places.emplace_back(place_of(all.local, {box.local, box.local_port}),
                        place_of(all.remote, {box.remote, box.remote_port}));
    if (all.local.size() * all.remote.size() > boxes.size()) return std::nullopt;
  }
  std::vector<bool> is_there(all.local.size() * all.remote.size());
  for (const auto& [local, remote] : places) is_there[local * all.remote.size() + remote] = true;
  if (is_there.size() != boxes.size() || std::ranges::find(is_there, false) != is_there.end()) return std::nullopt;
  return all;
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

std::vector<SelectorList> lists_of(std::span<const Selector> boxes) {
  if (boxes.empty()) return {};
  if (auto one = list_of(boxes)) return {*std::move(one)};
  std::vector<SelectorList> each;
  for (const Selector& box : boxes) each.push_back(SelectorList::of(box));
  return each;
}

}  // namespace base
