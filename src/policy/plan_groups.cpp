#include "policy/plan_groups.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "base/prefix.hpp"

namespace policy {

namespace {

using Line = Plan::Line;
using LineList = std::vector<Line>;
using Field = Plan::Field;
using Word = Plan::Word;

/// A split by ports copies what spans several of its ranges: at most so many lines for each that there was.
constexpr std::size_t kMaxPortCopies = 16;

unsigned leading_ones(Word mask, unsigned width) {
  unsigned count = 0;
  while (count < width && (mask >> (width - 1 - count) & 1) != 0) ++count;
  return count;
}

/// The prefix around a line's addresses on one side.
struct Place {
  Word first;
  unsigned length;

  bool operator==(const Place&) const = default;
  auto key() const { return std::tuple(first, length); }
};

bool is_prefix(Word mask, unsigned length, base::Family family) {
  return mask == base::prefix_mask(family, length);
}

/// The greatest value of a field.
Word last_of(Field field, base::Family family) {
  switch (field) {
    case Field::kLocal:
    case Field::kRemote: return base::all_ones(family);
    case Field::kProtocol: return 255;
    case Field::kLocalPort:
    case Field::kRemotePort: return 65'535;
  }
  return 0;
}

base::PortRange& port_of(Line& line, Field port) {
  return port == Field::kLocalPort ? line.local_port : line.remote_port;
}
base::PortRange port_of(const Line& line, Field port) {
  return port == Field::kLocalPort ? line.local_port : line.remote_port;
}

/// Where ranges of a port other than any begin, and where they have ended.
std::vector<std::uint32_t> bounds_of(const std::vector<Line>& lines, Field port) {
  std::vector<std::uint32_t> bounds;
  for (const Line& line : lines) {
    if (port_of(line, port).is_any()) continue;
    bounds.push_back(port_of(line, port).lo);
    bounds.push_back(port_of(line, port).hi + 1U);
  }
  std::ranges::sort(bounds);
  bounds.erase(std::ranges::unique(bounds).begin(), bounds.end());
  return bounds;
}

std::vector<LineGroup> groups_by_prefix(const LineList& lines, Field side, base::Family family) {
  const unsigned width = base::width(family);
  std::vector<std::pair<Place, const Line*>> places;
  places.reserve(lines.size());
  for (const Line& line : lines) {
    const Word mask = side == Field::kLocal ? line.local_mask : line.remote_mask;
    const unsigned length = leading_ones(mask, width);
    const Word address = side == Field::kLocal ? line.local : line.remote;
    places.emplace_back(Place{address & base::prefix_mask(family, length), length}, &line);
  }
  // The order of the rules within a group is that of their lines in memory.
  std::ranges::sort(places, {}, [](const auto& entry) { return std::tuple(entry.first.key(), entry.second); });
  std::vector<LineGroup> groups;
  std::vector<std::size_t> open;
  std::optional<Place> place;
  for (const auto& [here, line] : places) {
    if (place != here) {
      const Word mask = base::prefix_mask(family, here.length);
      const Word last = here.first | (~mask & base::all_ones(family));
      while (!open.empty() && groups[open.back()].last < here.first) open.pop_back();
      groups.push_back({here.first, last, open.empty() ? std::nullopt : std::optional(open.back()), {}});
      open.push_back(groups.size() - 1);
      place = here;
    }
    Line& own = groups.back().own.emplace_back(*line);
    Word& mask = side == Field::kLocal ? own.local_mask : own.remote_mask;
    if (is_prefix(mask, here.length, family)) {
      mask = 0;  // the group says it
      (side == Field::kLocal ? own.local : own.remote) = 0;
    }
  }
  return groups;
}

// LineList for any protocol are the wider group of all others.
std::vector<LineGroup> groups_by_protocol(const LineList& lines, base::Family family) {
  std::map<std::uint8_t, LineList> named;
  LineList any;
  for (const Line& line : lines) {
    if (line.protocol_mask == 0) {
      any.push_back(line);
      continue;
    }
    Line& own = named[line.protocol].emplace_back(line);
    // ICMP keeps its protocol, because type and code are told with it.
    if (!base::is_icmp(static_cast<base::Protocol>(line.protocol))) own.protocol = own.protocol_mask = 0;
  }
  std::vector<LineGroup> groups;
  const auto wider = any.empty() ? std::nullopt : std::optional<std::size_t>(0);
  if (wider) groups.push_back({0, last_of(Field::kProtocol, family), std::nullopt, std::move(any)});
  for (auto& [protocol, own] : named) groups.push_back({protocol, protocol, wider, std::move(own)});
  return groups;
}

// Ranges may overlap in any way: each stretch between two of their ends is a group, and has a copy of every line that
// spans it. LineList for any port are the wider group of all.
std::vector<LineGroup> groups_by_port(const LineList& lines, Field port, base::Family family) {
  const auto bounds = bounds_of(lines, port);
  LineList any;
  std::vector<LineList> stretches(bounds.size());
  std::size_t copies = 0;
  for (const Line& line : lines) {
    const base::PortRange range = port_of(line, port);
    if (range.is_any()) {
      any.push_back(line);
      continue;
    }
    auto at = static_cast<std::size_t>(std::ranges::lower_bound(bounds, range.lo) - bounds.begin());
    for (; bounds[at] <= range.hi; ++at) {
      if (++copies > kMaxPortCopies * lines.size()) return {};
      port_of(stretches[at].emplace_back(line), port) = base::PortRange::any();
    }
  }
  std::vector<LineGroup> groups;
  const auto wider = any.empty() ? std::nullopt : std::optional<std::size_t>(0);
  if (wider) groups.push_back({0, last_of(port, family), std::nullopt, std::move(any)});
  for (std::size_t i = 0; i < stretches.size(); ++i) {
    if (!stretches[i].empty()) groups.push_back({bounds[i], bounds[i + 1] - 1, wider, std::move(stretches[i])});
  }
  return groups;
}

}  // namespace

std::vector<LineGroup> groups_of(const LineList& lines, Field field, base::Family family) {
  if (field == Field::kLocal || field == Field::kRemote) return groups_by_prefix(lines, field, family);
  return field == Field::kProtocol ? groups_by_protocol(lines, family) : groups_by_port(lines, field, family);
}

}  // namespace policy
