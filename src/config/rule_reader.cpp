#include "config/rule_reader.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <tuple>
#include <utility>

#include "base/number.hpp"
#include "config/address_list.hpp"
#include "config/interface_name.hpp"
#include "config/line_count.hpp"

namespace config {

namespace {

using base::PortRange;

constexpr std::size_t kMaxName = 64;
constexpr std::size_t kMaxAskers = 256;

constexpr std::string_view kInterface = "interface:";
constexpr std::string_view kSelf = "self";

bool is_name_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

void read_name(Section& section, policy::Rule& rule) {
  const auto name = section.text_of("name", section.require("name", "\"branch-web\""));
  if (!name) return;
  if (name->value.empty() || name->value.size() > kMaxName || !std::ranges::all_of(name->value, is_name_character)) {
    section.mistakes().add(name->at, "'" + name->value + "' is not a rule name",
                           "a name has 1 to 64 letters, digits, '.', '_' and '-'");
    return;
  }
  rule.name = name->value;
  section.rename("rule '" + rule.name + "'");
}

void read_action(Section& section, policy::Rule& rule) {
  const auto action =
      section.word_of("action", section.require("action", "\"protect\""), {"protect", "bypass", "block"});
  if (action) rule.action = static_cast<policy::Action>(*action);
}

void read_interface(Section& section, const Text& entry, Side side, std::vector<InterfaceUse>& interfaces) {
  std::string name = entry.value.substr(kInterface.size());
  if (!is_interface_pattern(name)) {
    section.mistakes().add(
        entry.at, "'" + entry.value + "' does not name an interface",
        "write \"interface:lan0\", or \"interface:pod*\" for all that begin so; " + std::string(kInterfaceNameHint));
  } else if (std::ranges::any_of(interfaces, [&](const auto& use) { return use.side == side && use.name == name; })) {
    section.mistakes().add(entry.at, "'" + entry.value + "' is given twice", "leave one of them out");
  } else {
    interfaces.push_back({0, side, std::move(name), entry.at.line, entry.at.column});
  }
}

std::vector<base::MaskedAddress> read_addresses(Section& section, std::string_view key, Side side,
                                                std::span<const base::Address> self,
                                                std::vector<InterfaceUse>& interfaces) {
  std::vector<base::MaskedAddress> all;
  const auto entries = section.texts_of(key, section.require(key, "[\"10.1.0.0/16\"], or [\"any\"]"));
  if (!entries) return all;
  for (const Text& entry : *entries) {
    if (entry.value.starts_with(kInterface)) {
      read_interface(section, entry, side, interfaces);
      continue;
    }
    if (entry.value == kSelf) {
      for (const base::Address& own : self) all.emplace_back(own, base::all_ones(own.family()));
      continue;
    }
    auto addresses = parse_addresses(entry.value);
    if (addresses) {
      all.insert(all.end(), addresses->begin(), addresses->end());
    } else {
      section.mistakes().add(entry.at, std::move(addresses).error());
    }
  }
  return all;
}

void check_lines(Section& section, const policy::Rule& rule, bool has_interfaces) {
  if (rule.local.empty() || rule.remote.empty()) return;  // already a mistake, or an interface's to fill
  const std::size_t lines = line_count(rule);
  if (lines == 0 && has_interfaces) return;
  if (lines == 0) {
    section.mistakes().add(section.at(),
                           section.title() +
                               " can match nothing: its local and remote addresses are "
                               "never of one family",
                           "give IPv4 addresses on both sides, or IPv6 on both");
  } else if (lines > kMaxLines) {
    section.mistakes().add(section.at(),
                           section.title() + " stands for " + std::to_string(lines) + " pairs of prefixes; at most " +
                               std::to_string(kMaxLines) + " are possible",
                           "use prefixes instead of ranges, or fewer of them");
  }
}

void read_protocol(Section& section, policy::Rule& rule) {
  const Value* value = section.find("protocol");
  if (value == nullptr) return;
  if (const auto* number = value->as<std::int64_t>()) {
    if (*number >= 0 && *number <= 255) {
      rule.protocol = static_cast<base::Protocol>(*number);
    } else {
      section.mistakes().add(value->at, std::to_string(*number) + " is not an IP protocol", "write 0 to 255");
    }
  } else if (const auto* text = value->as<std::string>()) {
    if (*text == "any") return;
    auto protocol = base::parse_protocol(*text);
    if (protocol) {
      rule.protocol = *protocol;
    } else {
      section.mistakes().add(value->at, std::move(protocol).error());
    }
  } else {
    section.wrong_type("protocol", *value, "a name or a number");
  }
}

// A whole number or text that parses as ports.
std::optional<PortRange> ports_of(Section& section, std::string_view key, const Value& value) {
  std::string text;
  if (const auto* number = value.as<std::int64_t>()) {
    text = std::to_string(*number);
  } else if (const auto* string = value.as<std::string>()) {
    text = *string;
  } else {
    section.wrong_type(key, value, "a port or a string", "443, \"1000-2000\" or \"any\"");
    return std::nullopt;
  }
  auto ports = PortRange::parse(text);
  if (ports) return *ports;
  section.mistakes().add(value.at, std::move(ports).error());
  return std::nullopt;
}

PortRange read_ports(Section& section, std::string_view key, const policy::Rule& rule) {
  const Value* value = section.find(key);
  if (value == nullptr) return {};
  const auto ports = ports_of(section, key, *value);
  if (!ports || ports->is_any()) return {};
  if (!rule.protocol || !has_ports(*rule.protocol)) {
    const std::string has = rule.protocol ? "protocol " + base::text(*rule.protocol) : "no protocol";
    section.mistakes().add(value->at, section.title() + " has " + std::string(key) + " and " + has,
                           rule.protocol && is_icmp(*rule.protocol)
                               ? "ICMP has no ports; for type and code write icmp = \"8/0\""
                               : "ports need a protocol that has ports: tcp, udp, sctp, dccp or udplite");
    return {};
  }
  return *ports;
}

// `8/0`: type and code; `8`: a type with any code.
std::optional<std::pair<PortRange, PortRange>> parse_icmp(std::string_view text) {
  const auto slash = text.find('/');
  const auto type = base::parse_number<std::uint16_t>(text.substr(0, slash), 255);
  if (!type) return std::nullopt;
  if (slash == std::string_view::npos) return std::pair{PortRange::only(*type), PortRange::any()};
  const auto code = base::parse_number<std::uint16_t>(text.substr(slash + 1), 255);
  if (!code) return std::nullopt;
  return std::pair{PortRange::only(*type), PortRange::only(*code)};
}

void read_icmp(Section& section, policy::Rule& rule) {
  const Value* value = section.find("icmp");
  if (value == nullptr) return;
  std::string text;
  if (const auto* number = value->as<std::int64_t>()) {
    text = std::to_string(*number);
  } else if (const auto* string = value->as<std::string>()) {
    text = *string;
  } else {
    return section.wrong_type("icmp", *value, "a type or a string", "8, \"8\" or \"8/0\"");
  }
  if (!rule.protocol || !is_icmp(*rule.protocol)) {
    section.mistakes().add(value->at, section.title() + " has icmp without an ICMP protocol",
                           "write protocol = \"icmp\" or \"ipv6-icmp\"");
  }
  const auto parts = parse_icmp(text);
  if (!parts) {
    section.mistakes().add(value->at, "'" + text + "' is not an ICMP type",
                           "write a type or type/code, each from 0 to 255: \"8\" or \"8/0\"");
    return;
  }
  // A rule that is refused anyway must not end up with ports either.
  if (rule.protocol && is_icmp(*rule.protocol)) std::tie(rule.local_port, rule.remote_port) = *parts;
}

void read_ports_of_both_sides(Section& section, policy::Rule& rule) {
  const auto local = read_ports(section, "local_port", rule);
  const auto remote = read_ports(section, "remote_port", rule);
  rule.local_port = local;
  rule.remote_port = remote;
}

void only_with_protect(Section& section, const policy::Rule& rule, std::string_view key, bool given) {
  if (!given || rule.action == policy::Action::kProtect) return;
  section.mistakes().add(section.at(), section.title() + " has " + std::string(key) + " but protects nothing",
                         "leave it out, or write action = \"protect\"");
}

void read_discovery(Section& section, policy::Rule& rule) {
  const bool protects = rule.action == policy::Action::kProtect;
  const auto discover = section.flag("discover");
  const auto respond = section.flag("respond");
  const auto draft = section.flag("draft");
  only_with_protect(section, rule, "discover = true", discover.value_or(false));
  only_with_protect(section, rule, "respond = true", respond.value_or(false));
  only_with_protect(section, rule, "draft = true", draft.value_or(false));
  rule.discover = discover.value_or(protects);
  rule.respond = respond.value_or(protects);
  rule.draft = draft.value_or(false);

  const auto on_failure = section.word("on_failure", {"block", "bypass"});
  const auto first_packet = section.word("first_packet", {"drop", "hold"});
  only_with_protect(section, rule, "on_failure", on_failure.has_value());
  only_with_protect(section, rule, "first_packet", first_packet.has_value());
  if (on_failure) rule.on_failure = static_cast<policy::OnFailure>(*on_failure);
  if (first_packet) rule.first_packet = static_cast<policy::FirstPacket>(*first_packet);
}

void read_askers(Section& section, policy::Rule& rule) {
  const Value* value = section.find("askers");
  const auto given = section.texts_of("askers", value);
  if (!given) return;
  only_with_protect(section, rule, "askers", true);
  if (given->size() > kMaxAskers) {
    section.mistakes().add(value->at,
                           "'askers' has " + std::to_string(given->size()) + " prefixes; at most " +
                               std::to_string(kMaxAskers) + " are possible",
                           "write fewer that are wider");
  }
  for (const Text& text : *given) {
    auto prefix = base::Prefix::parse(text.value);
    if (prefix) {
      rule.askers.push_back(*prefix);
    } else {
      section.mistakes().add(text.at, std::move(prefix).error());
    }
  }
}

// Who is believed, and who is told what.
void read_trust(Section& section, policy::Rule& rule, const Discovery& discovery) {
  const auto authenticated = section.flag("authenticated");
  const auto disclose = section.word("disclose", {"all", "flow", "nothing"});
  only_with_protect(section, rule, "authenticated", authenticated.has_value());
  only_with_protect(section, rule, "disclose", disclose.has_value());
  rule.authenticated = authenticated.value_or(discovery.require && rule.action == policy::Action::kProtect);
  if (disclose) rule.disclose = static_cast<policy::Disclose>(*disclose);
  read_askers(section, rule);
  const bool nothing = rule.disclose == policy::Disclose::kNothing;
  if (rule.draft && (rule.authenticated || nothing)) {
    section.mistakes().add(section.at(),
                           section.title() + " has draft = true, and old peers cannot prove who they are, which " +
                               (nothing         ? "disclose = \"nothing\""
                                : authenticated ? "authenticated = true"
                                                : "[discovery]") +
                               " wants",
                           "leave draft out, or give old peers a rule of their own with authenticated = false");
  }
  if (discovery.proves()) return;
  if (!authenticated.value_or(false) && !nothing) return;
  section.mistakes().add(section.at(),
                         section.title() + " has " + (nothing ? "disclose = \"nothing\"" : "authenticated = true") +
                             ", and there is nothing to judge a peer by",
                         "give [discovery] a key_file, or sign = true");
}

}  // namespace

RuleText read_rule(Section& section, std::span<const base::Address> self, const Discovery& discovery) {
  RuleText read;
  policy::Rule& rule = read.rule;
  rule.source_line = section.at().line;
  read_name(section, rule);
  read_action(section, rule);
  rule.local = read_addresses(section, "local", Side::kLocal, self, read.interfaces);
  rule.remote = read_addresses(section, "remote", Side::kRemote, self, read.interfaces);
  check_lines(section, rule, !read.interfaces.empty());
  read_protocol(section, rule);
  read_ports_of_both_sides(section, rule);
  read_icmp(section, rule);
  read_discovery(section, rule);
  read_trust(section, rule, discovery);
  section.refuse_unknown_keys();
  return read;
}

}  // namespace config
