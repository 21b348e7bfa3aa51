#include "migrate/ios_groups.hpp"

#include <algorithm>
#include <array>
#include <type_traits>

#include "base/number.hpp"
#include "config/address_list.hpp"
#include "migrate/ios_names.hpp"
#include "migrate/ios_words.hpp"
#include "migrate/words.hpp"

namespace migrate {

namespace {

using base::MaskedAddress;
using base::PortRange;
using Addresses = base::Result<std::vector<MaskedAddress>, std::string>;
using Services = base::Result<std::vector<Service>, std::string>;

std::unexpected<std::string> too_much(std::string_view word) {
  return std::unexpected("it cannot say '" + std::string(word) + "'");
}

/// `255.255.0.0` or `/16`: other than in access lists the ones are what counts.
base::Result<base::Uint128, std::string> mask(IosWords& words) {
  if (words.peek().starts_with('/')) {
    const std::string_view word = words.take();
    const auto length = base::parse_number<std::uint16_t>(word.substr(1), 32);
    if (!length) return IosWords::refuse(word, "length of a prefix");
    return base::prefix_mask(base::Family::kV4, *length);
  }
  TED_TRY(const auto given, words.address());
  return given.value();
}

Addresses networks_of(IosWords words) {
  std::vector<MaskedAddress> all;
  if (words.peek() == "any") {
    words.take();
    all.push_back(MaskedAddress::any(base::Family::kV4));
  } else if (words.peek() == "host") {
    words.take();
    TED_TRY(const auto host, words.address());
    all.push_back(MaskedAddress::host(host));
  } else if (words.peek() == "range") {
    words.take();
    TED_TRY(const auto first, words.address());
    TED_TRY(const auto last, words.address());
    if (last < first) return std::unexpected("its range is reversed");
    const auto prefixes = config::prefixes_between(first, last);
    all.assign(prefixes.begin(), prefixes.end());
  } else {
    TED_TRY(const auto network, words.address());
    TED_TRY(const auto ones, mask(words));
    all.emplace_back(network, ones);
  }
  if (!words.empty()) return too_much(words.peek());
  return all;
}

/// `[source PORTS] [PORTS]` of one protocol.
Services with_ports(base::Protocol protocol, IosWords words) {
  std::vector<PortRange> local = {PortRange::any()};
  if (words.peek() == "source") {
    words.take();
    TED_TRY(local, words.ports(protocol, true));
  }
  TED_TRY(const auto remote, words.ports(protocol, true));
  if (!words.empty()) return too_much(words.peek());
  std::vector<Service> all;
  for (const PortRange one : local) {
    for (const PortRange other : remote) all.push_back({protocol, one, other});
  }
  return all;
}

Services services_of(IosWords words) {
  const std::string_view word = words.take();
  if (word == "tcp-udp") {
    TED_TRY(auto all, with_ports(base::Protocol::kTcp, words));
    TED_TRY(const auto more, with_ports(base::Protocol::kUdp, words));
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  std::optional<base::Protocol> protocol;
  if (word != "ip") {
    protocol = ios_protocol(word);
    if (!protocol) return IosWords::refuse(word, "protocol");
  }
  if (protocol && base::has_ports(*protocol)) return with_ports(*protocol, words);
  Service service{.protocol = protocol};
  if (protocol && base::is_icmp(*protocol)) {
    const auto icmp = words.icmp();
    service.local_port = icmp.type;
    service.remote_port = icmp.code;
  }
  if (!words.empty()) return too_much(words.peek());
  return std::vector{service};
}

}  // namespace

/// Finds the groups among all lines.
class ObjectGroups::Reader {
 public:
  explicit Reader(ObjectGroups& groups) : groups_(groups) {}

  void read(std::string_view text) {
    for (std::uint32_t number = 1; !text.empty(); ++number) {
      const auto end = std::min(text.find('\n'), text.size());
      const std::string_view line = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      const auto words = words_of(line);
      if (!words.empty() && !words[0].starts_with('!')) take(number, line, words);
    }
  }

 private:
  enum class Within : std::uint8_t { kNothing, kNetworks, kServices };
  using Words = std::span<const std::string_view>;

  void take(std::uint32_t number, std::string_view line, Words words) {
    const bool at_margin = line.front() != ' ' && line.front() != '\t';
    if (words[0] == "object-group" && words.size() >= 3) {
      within_ = words[1] == "network"   ? Within::kNetworks
                : words[1] == "service" ? Within::kServices
                                        : Within::kNothing;
      name_ = words[2];
      if (within_ == Within::kNetworks) groups_.networks_[name_];
      if (within_ == Within::kServices) groups_.services_[name_];
    } else if (at_margin && !continues(words)) {
      within_ = Within::kNothing;
    } else if (within_ != Within::kNothing && words[0] != "description") {
      const auto wrong =
          within_ == Within::kNetworks ? member(groups_.networks_, words) : member(groups_.services_, words);
      if (!wrong.empty()) {
        groups_.findings_[name_].push_back(
            {number, std::string(trimmed(line)), "of object group '" + name_ + "': " + wrong, true});
      }
    }
  }

  // Pasted text has lost its blanks: what can only be of a group goes on with it.
  [[nodiscard]] bool continues(Words words) const {
    static constexpr std::array<std::string_view, 4> kOwn = {"host", "range", "any", "group-object"};
    static constexpr std::array<std::string_view, 4> kServices = {"tcp", "udp", "tcp-udp", "icmp"};
    const auto is_among = [&](const auto& all) { return std::ranges::find(all, words[0]) != all.end(); };
    if (within_ == Within::kNetworks) return is_among(kOwn) || base::Address::parse(words[0]);
    return within_ == Within::kServices && (words[0] == "group-object" || is_among(kServices));
  }

  /// Why it is none; empty when it is one.
  template <class Member>
  std::string member(Groups<Member>& groups, Words words) {
    auto& lines = groups[name_].lines;
    if (words[0] == "group-object" && words.size() == 2) {
      lines.push_back({{}, std::string(words[1])});
      groups_.inner_[name_].emplace(words[1]);
      return {};
    }
    base::Result<std::vector<Member>, std::string> members = parsed<Member>(words);
    if (!members) return members.error();
    lines.push_back({*std::move(members), {}});
    return {};
  }
  template <class Member>
  static base::Result<std::vector<Member>, std::string> parsed(Words words) {
    if constexpr (std::is_same_v<Member, Service>) {
      return services_of(IosWords(words));
    } else {
      return networks_of(IosWords(words));
    }
  }

  ObjectGroups& groups_;
  Within within_ = Within::kNothing;
  std::string name_;
};

ObjectGroups::ObjectGroups(std::string_view text) {
  Reader(*this).read(text);
}

template <class Member>
base::Result<Members<Member>, std::string> ObjectGroups::resolve(Groups<Member>& groups, std::string_view name,
                                                                 std::size_t depth) {
  const std::string quoted = "object group '" + std::string(name) + "'";
  const auto found = groups.find(name);
  if (found == groups.end()) return std::unexpected("the file has no " + quoted + " of this kind");
  Group<Member>& group = found->second;
  if (group.resolved) return group.resolved;
  if (!group.refused.empty()) return std::unexpected(group.refused);
  if (group.is_open) return std::unexpected(quoted + " is inside itself");
  if (depth == kMaxDepth) return std::unexpected(quoted + " is more than 32 groups deep");
  group.is_open = true;
  std::vector<Member> all;
  const auto add = [&](const std::vector<Member>& more) -> base::Result<void, std::string> {
    members_ += more.size();
    if (members_ > kMaxAllMembers) return std::unexpected("the file's object groups have more than 1000000 members");
    all.insert(all.end(), more.begin(), more.end());
    if (all.size() > kMaxMembers) return std::unexpected(quoted + " has more than 16384 members");
    return {};
  };
  base::Result<void, std::string> done;
  for (const auto& line : group.lines) {
    if (line.group.empty()) {
      done = add(line.members);
    } else {
      const auto inner = resolve(groups, line.group, depth + 1);
      done = inner ? add(**inner) : base::Result<void, std::string>(std::unexpected(inner.error()));
    }
    if (!done) break;
  }
  group.is_open = false;
  if (done && all.empty()) done = std::unexpected(quoted + " has no member that is known here");
  if (!done) {
    group.refused = done.error();
    return std::unexpected(std::move(done.error()));
  }
  group.resolved = std::make_shared<const std::vector<Member>>(std::move(all));
  return group.resolved;
}

base::Result<Members<MaskedAddress>, std::string> ObjectGroups::networks(std::string_view name) {
  return resolve(networks_, name, 0);
}

base::Result<Members<Service>, std::string> ObjectGroups::services(std::string_view name) {
  return resolve(services_, name, 0);
}

void ObjectGroups::add_inner(const std::string& name, std::set<std::string>& names) const {
  std::vector<std::string> open = {name};
  while (!open.empty()) {
    const std::string one = std::move(open.back());
    open.pop_back();
    if (!names.insert(one).second) continue;
    if (const auto inner = inner_.find(one); inner != inner_.end()) {
      open.insert(open.end(), inner->second.begin(), inner->second.end());
    }
  }
}

const std::vector<Finding>& ObjectGroups::findings(const std::string& name) const {
  static const std::vector<Finding> kNone;
  const auto found = findings_.find(name);
  return found == findings_.end() ? kNone : found->second;
}

}  // namespace migrate
