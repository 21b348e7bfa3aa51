#include "migrate/swanctl.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "config/line_count.hpp"
#include "migrate/settings.hpp"
#include "migrate/traffic_selector.hpp"
#include "migrate/words.hpp"

namespace migrate {

namespace {

/// Sections that are copied for those that refer to them, at most; beyond it references are in a circle, or nearly.
constexpr std::size_t kMaxCopied = 10'000;

/// A part of what a child carries: addresses with the same protocol and ports.
struct Part {
  std::optional<base::Protocol> protocol;
  base::PortRange ports;
  std::vector<base::MaskedAddress> addresses;
};

/// What is said elsewhere here, or by nobody. Keys that are not among these, and not read, have no equivalent.
struct Elsewhere {
  std::string_view key;
  std::string_view reason;
};
constexpr std::string_view kNoEquivalent = "it has no equivalent here: strongSwan's own default holds";
constexpr std::array kElsewhere = {
    Elsewhere{"proposals", "algorithms are 'ike' in [ike]"},
    Elsewhere{"esp_proposals", "algorithms are 'esp' in [ike]: a group there is PFS"},
    Elsewhere{"ah_proposals", "OpenTED makes ESP only"},
    Elsewhere{"version", "OpenTED's tunnels are of IKEv2"},
    Elsewhere{"auth", "how gateways prove who they are is 'auth' in [ike], one way for all"},
    Elsewhere{"id", "this gateway's name is 'id' in [ike]; who may be a peer is said by 'ca' there and by [[peer]]"},
    Elsewhere{"certs", "certificates are 'cert', 'key' and 'ca' in [ike]"},
    Elsewhere{"cacerts", "certificates are 'cert', 'key' and 'ca' in [ike]"},
    Elsewhere{"start_action", "a tunnel is made when a packet asks for it"},
    Elsewhere{"rekey_time", "lifetimes are strongSwan's"},
    Elsewhere{"life_time", "lifetimes are strongSwan's"},
    Elsewhere{"over_time", "lifetimes are strongSwan's"},
};
constexpr std::array<std::string_view, 10> kRead = {"local_ts", "remote_ts", "local_addrs", "remote_addrs",
                                                    "mode",     "policies",  "mark_in",     "mark_out",
                                                    "if_id_in", "if_id_out"};

std::vector<std::string_view> items(std::string_view text) {
  std::vector<std::string_view> all;
  while (!text.empty()) {
    const auto end = text.find(',');
    if (const auto item = trimmed(text.substr(0, end)); !item.empty()) all.push_back(item);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return all;
}

class Importer {
 public:
  explicit Importer(std::string_view text) : root_(read_settings(text, imported_.findings)) {}

  Imported import() {
    const Settings* connections = root_.section("connections");
    if (connections == nullptr || connections->sections.empty()) {
      find(0, "no connections", "rules come from the children of connections");
    }
    for (const Settings& section : root_.sections) {
      // Others are there to be referred to.
      if (section.name != "secrets" && section.name != "pools" && section.name != "authorities") continue;
      find(section.line, section.name, "no matter of rules: secrets, pools and authorities are said in [ike]", false);
    }
    if (connections != nullptr) {
      for (const Settings& one : connections->sections) add_connection(resolved(one));
    }
    for (const policy::Action action : {policy::Action::kBypass, policy::Action::kProtect, policy::Action::kBlock}) {
      std::ranges::move(rules_[action], std::back_inserter(imported_.rules));
    }
    std::ranges::stable_sort(imported_.findings, {}, &Finding::line);
    return std::move(imported_);
  }

 private:
  void find(std::uint32_t line, std::string text, std::string reason, bool lost = true) {
    imported_.findings.push_back({line, std::move(text), std::move(reason), lost});
  }

  /// With what it has from the sections that it refers to.
  Settings resolved(const Settings& section, std::size_t depth = 0) {
    Settings all = section;
    for (const std::string& path : section.bases) {
      const Settings* base = at(path);
      if (base == nullptr || depth >= kMaxDepth || ++copied_ > kMaxCopied) {
        find(section.line, section.name + " : " + path, "it refers to what is not there, or to itself");
        continue;
      }
      const Settings known = resolved(*base, depth + 1);
      // Its own come last, and the last one counts.
      all.values.insert(all.values.begin(), known.values.begin(), known.values.end());
      inherit(all.sections, known.sections);
    }
    for (Settings& inner : all.sections) {
      if (!inner.bases.empty()) {
        inner = resolved(inner, depth + 1);
        inner.bases.clear();
      }
    }
    return all;
  }

  static void inherit(std::vector<Settings>& own, const std::vector<Settings>& from) {
    for (const Settings& section : from) {
      const auto mine = std::ranges::find(own, section.name, &Settings::name);
      if (mine == own.end()) {
        own.push_back(section);
        continue;
      }
      mine->values.insert(mine->values.begin(), section.values.begin(), section.values.end());
      inherit(mine->sections, section.sections);
    }
  }

  const Settings* at(std::string_view path) const {
    const Settings* place = &root_;
    while (place != nullptr && !path.empty()) {
      const auto dot = path.find('.');
      place = place->section(path.substr(0, dot));
      path.remove_prefix(dot == std::string_view::npos ? path.size() : dot + 1);
    }
    return place;
  }

  // No secret stands in these: those have a section of their own.
  void tell_elsewhere(const Settings& section, const std::string& name) {
    for (const Setting& one : section.values) {
      if (std::ranges::find(kRead, one.key) != kRead.end()) continue;
      const auto* known = std::ranges::find(kElsewhere, one.key, &Elsewhere::key);
      find(one.line, name + ": " + one.key + " = " + one.value,
           std::string(known == kElsewhere.end() ? kNoEquivalent : known->reason), false);
    }
  }

  void add_connection(const Settings& connection) {
    tell_elsewhere(connection, connection.name);
    for (const Settings& side : connection.sections) {
      if (side.name.starts_with("local") || side.name.starts_with("remote")) {
        tell_elsewhere(side, connection.name + " " + side.name);
      }
    }
    if (const Setting* peers = connection.find("remote_addrs")) {
      find(peers->line, connection.name + ": remote_addrs = " + peers->value,
           "peers are discovered, and not configured", false);
    }
    for (const base::MaskedAddress& own :
         hosts(connection, "local_addrs").value_or(std::vector<base::MaskedAddress>())) {
      imported_.add_address(own.address().text());
    }
    bool any = false;
    for (const Settings& children : connection.sections) {
      if (children.name != "children") continue;
      for (const Settings& child : children.sections) add_child(connection, child);
      any = any || !children.sections.empty();
    }
    if (!any) find(connection.line, connection.name, "a connection without children carries nothing", false);
  }

  /// The addresses under that key when they are hosts, all of them.
  static std::optional<std::vector<base::MaskedAddress>> hosts(const Settings& connection, std::string_view key) {
    const Setting* given = connection.find(key);
    std::vector<base::MaskedAddress> all;
    for (const std::string_view item : items(given == nullptr ? std::string_view() : given->value)) {
      const auto address = base::Address::parse(item);
      if (!address || address->is_unspecified()) return std::nullopt;
      all.push_back(base::MaskedAddress::host(*address));
    }
    return all.empty() ? std::nullopt : std::optional(all);
  }

  static std::string value(const Settings& section, std::string_view key, const std::string& otherwise) {
    const Setting* found = section.find(key);
    return found == nullptr ? otherwise : found->value;
  }

  void add_child(const Settings& connection, const Settings& child) {
    const std::string name = connection.name + "-" + child.name;
    tell_elsewhere(child, name);
    for (const char* key : {"mark_in", "mark_out", "if_id_in", "if_id_out"}) {
      const Setting* limit = child.find(key) != nullptr ? child.find(key) : connection.find(key);
      if (limit == nullptr || limit->value == "0") continue;
      return find(
          limit->line, name + ": " + key + " = " + limit->value,
          "it carries what is marked so, and rules know addresses: write one with the prefixes that are routed there");
    }
    if (value(child, "policies", "yes") == "no") {
      return find(child.line, name, "policies = no: something else decides what it carries");
    }
    const auto action = action_of(child, name);
    if (!action) return;
    const auto local = parts(connection, child, name, "local");
    const auto remote = parts(connection, child, name, "remote");
    if (local && remote) add_rules(child, name, *action, *local, *remote);
  }

  std::optional<policy::Action> action_of(const Settings& child, const std::string& name) {
    const std::string mode = value(child, "mode", "tunnel");
    if (mode == "pass") return policy::Action::kBypass;
    if (mode == "drop") return policy::Action::kBlock;
    if (mode == "transport" || mode == "beet") {
      find(child.find("mode")->line, name + ": mode = " + mode, "OpenTED makes tunnels only", false);
    } else if (mode != "tunnel") {
      find(child.find("mode")->line, name + ": mode = " + mode, "no mode that is known here");
      return std::nullopt;
    }
    return policy::Action::kProtect;
  }

  /// One side of a child; nothing, and found, when a part of it cannot be said.
  std::optional<std::vector<Part>> parts(const Settings& connection, const Settings& child, const std::string& name,
                                         const std::string& side) {
    const Setting* given = child.find(side + "_ts");
    const std::uint32_t line = given == nullptr ? child.line : given->line;
    std::vector<Part> all;
    bool whole = true;
    for (const std::string_view item : items(given == nullptr ? "dynamic" : std::string_view(given->value))) {
      auto selector = parse_traffic_selector(item);
      std::string reason = selector ? std::string() : selector.error();
      if (selector && selector->is_dynamic()) {
        if (auto ends = hosts(connection, side + "_addrs")) {
          selector->addresses = *std::move(ends);
        } else {
          reason = "it is an address that is known only when the peer is there: write the prefix that it comes from";
        }
      }
      if (!reason.empty()) {
        find(line, name + ": " + side + "_ts = " + std::string(item.substr(0, 200)), std::move(reason));
        whole = false;
        continue;
      }
      add_to(all, *selector);
    }
    if (all.empty() && whole) find(line, name + ": " + side + "_ts", "it is empty");
    return all.empty() ? std::nullopt : std::optional(std::move(all));
  }

  static void add_to(std::vector<Part>& parts, const TrafficSelector& selector) {
    auto part = std::ranges::find_if(
        parts, [&](const Part& each) { return each.protocol == selector.protocol && each.ports == selector.ports; });
    if (part == parts.end()) part = parts.insert(parts.end(), {selector.protocol, selector.ports, {}});
    for (const base::MaskedAddress& address : selector.addresses) {
      if (std::ranges::find(part->addresses, address) == part->addresses.end()) part->addresses.push_back(address);
    }
  }

  // Each local selector with each remote one that speaks its protocol, as strongSwan's policies.
  void add_rules(const Settings& child, const std::string& name, policy::Action action, const std::vector<Part>& local,
                 const std::vector<Part>& remote) {
    bool any = false;
    for (const Part& ours : local) {
      for (const Part& theirs : remote) {
        if (ours.protocol && theirs.protocol && ours.protocol != theirs.protocol) continue;
        if (!share_a_family(ours, theirs)) continue;
        any = true;
        add_rule(child, name, action, ours, theirs);
      }
    }
    if (!any)
      find(child.line, name, "no selector of one side goes with one of the other: protocols or families differ");
  }

  static bool share_a_family(const Part& one, const Part& other) {
    return std::ranges::any_of(one.addresses, [&](const base::MaskedAddress& mine) {
      return std::ranges::any_of(other.addresses, [&](const auto& theirs) { return mine.family() == theirs.family(); });
    });
  }

  void add_rule(const Settings& child, const std::string& name, policy::Action action, const Part& ours,
                const Part& theirs) {
    if (ours.addresses.size() * theirs.addresses.size() > config::kMaxLines || ++made_ > kMaxRules) {
      return find(child.line, name, "too many pairs of addresses for a rule, or too many rules");
    }
    policy::Rule rule;
    rule.name = names_.unique(name);
    rule.action = action;
    rule.local = ours.addresses;
    rule.remote = theirs.addresses;
    rule.protocol = ours.protocol ? ours.protocol : theirs.protocol;
    rule.local_port = ours.ports;
    rule.remote_port = theirs.ports;
    rule.discover = rule.respond = action == policy::Action::kProtect;
    rule.source_line = child.line;
    rules_[action].push_back({std::move(rule), "child " + name});
  }

  Imported imported_;
  Settings root_;
  std::map<policy::Action, std::vector<ImportedRule>> rules_;
  Names names_;
  std::size_t copied_ = 0;
  std::size_t made_ = 0;
};

}  // namespace

Imported import_swanctl(std::string_view text) {
  return Importer(text).import();
}

}  // namespace migrate
