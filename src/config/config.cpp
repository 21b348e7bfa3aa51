#include "config/config.hpp"

#include <algorithm>
#include <iterator>
#include <unordered_map>

#include "base/number.hpp"
#include "config/discovery_reader.hpp"
#include "config/ike_reader.hpp"
#include "config/interface_name.hpp"
#include "config/paths.hpp"
#include "config/peer_reader.hpp"
#include "config/pieces.hpp"
#include "config/rule_reader.hpp"
#include "config/section.hpp"

namespace config {

namespace {

void read_gateway_addresses(Section& section, Gateway& gateway) {
  const auto texts = section.texts_of("addresses", section.require("addresses", "[\"192.0.2.1\"]"));
  if (!texts) return;
  for (const Text& text : *texts) {
    auto address = base::Address::parse(text.value);
    if (!address) {
      section.mistakes().add(text.at, std::move(address).error());
    } else if (address->is_unspecified() || address->is_multicast() || address->is_broadcast()) {
      section.mistakes().add(text.at, "'" + text.value + "' cannot be a gateway's address",
                             "write the address that this machine has on its outer interface");
    } else if (std::ranges::find(gateway.addresses, *address) != gateway.addresses.end()) {
      section.mistakes().add(text.at, "the address '" + text.value + "' is given twice", "leave one of them out");
    } else {
      gateway.addresses.push_back(*address);
    }
  }
}

void read_interfaces(Section& section, Gateway& gateway) {
  const auto texts = section.texts_of("interfaces", section.require("interfaces", "[\"wan0\"]"));
  if (!texts) return;
  for (const Text& text : *texts) {
    if (!is_interface_name(text.value)) {
      section.mistakes().add(text.at, "'" + text.value + "' is not an interface name", std::string(kInterfaceNameHint));
    } else if (std::ranges::find(gateway.interfaces, text.value) != gateway.interfaces.end()) {
      section.mistakes().add(text.at, "the interface '" + text.value + "' is given twice", "leave one of them out");
    } else {
      gateway.interfaces.push_back(text.value);
    }
  }
}

bool is_host_and_port(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return false;
  const auto port = base::parse_number<std::uint16_t>(text.substr(colon + 1), 65535);
  auto host = text.substr(0, colon);
  if (!port || *port == 0 || host.empty()) return false;
  if (host.starts_with('[') && host.ends_with(']') && host.size() > 2) {
    const auto address = base::Address::parse(host.substr(1, host.size() - 2));
    return address && address->family() == base::Family::kV6;
  }
  return std::ranges::all_of(host, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-';
  });
}

Gateway read_gateway(Section& section) {
  Gateway gateway;
  read_gateway_addresses(section, gateway);
  read_interfaces(section, gateway);
  if (const auto control = section.text("control")) {
    check_socket_path(section.mistakes(), "control", *control, control->value);
    gateway.control = control->value;
  }
  if (const auto readers = section.text("readers")) {
    if (readers->value.empty())
      section.mistakes().add(readers->at, "'readers' names no group", "leave it out for root alone");
    gateway.readers = readers->value;
  }
  if (const auto metrics = section.text("metrics")) {
    if (!is_host_and_port(metrics->value)) {
      section.mistakes().add(metrics->at, "'" + metrics->value + "' is not HOST:PORT",
                             "write \"127.0.0.1:9465\" or \"[::1]:9465\", or leave it out for no metrics");
    }
    gateway.metrics = metrics->value;
  }
  if (section.word("mode", {"protect", "observe"}) == 1) gateway.mode = Mode::kObserve;
  if (const auto shield = section.word("shield", {"off", "auto", "native", "generic"})) {
    gateway.shield = static_cast<Shield>(*shield);
  }
  section.refuse_unknown_keys();
  return gateway;
}

// The table under `key` of the document, or an empty one whose keys are then missed one by one.
const Table& table_of(Section& document, std::string_view key, Position& at) {
  static const Table kEmpty;
  const Value* value = document.find(key);
  if (value == nullptr) {
    at = {1, 1};
    return kEmpty;
  }
  at = value->at;
  if (const auto* table = value->as<Table>()) return *table;
  document.wrong_type(key, *value, "a table", "write [" + std::string(key) + "]");
  return kEmpty;
}

/// A configuration under reading: what is not a rule first, for rules may speak of it; then the rules in order, some at
/// a time.
class Reading {
 public:
  explicit Reading(const std::string& file) : file_(file), mistakes_(file) {}

  /// With those rules that are there.
  void take(const Table& document) {
    Section top(document, {1, 1}, "the file", mistakes_);
    Position at;
    const Table& gateway = table_of(top, "gateway", at);
    Section gateway_section(gateway, at, "[gateway]", mistakes_);
    config_.gateway = read_gateway(gateway_section);
    // Who only observes speaks to no charon: what it would need is read when it is there.
    if (config_.gateway.mode == Mode::kProtect || top.find("ike") != nullptr) {
      const Table& ike = table_of(top, "ike", at);
      Section ike_section(ike, at, "[ike]", mistakes_);
      config_.ike = read_ike(ike_section, file_);
    }
    config_.peers = read_peers(top, config_.ike);
    if (top.find("discovery") != nullptr) {
      const Table& discovery = table_of(top, "discovery", at);
      Section discovery_section(discovery, at, "[discovery]", mistakes_);
      config_.discovery = read_discovery(discovery_section, file_, config_.ike.auth);
    }
    const Value* rules = top.find("rule");
    if (rules != nullptr && rules->as<List>() != nullptr) {
      take(*rules->as<List>());
    } else if (rules != nullptr) {
      top.wrong_type("rule", *rules, "a list of tables", "write [[rule]] above each rule");
    }
    top.refuse_unknown_keys();
  }

  void take(const List& rules) {
    for (const Value& rule : rules) take(rule);
  }

  base::Result<Config, std::vector<ConfigError>> finish() && {
    check_names();
    if (!mistakes_.empty()) return std::unexpected(std::move(mistakes_).take());
    return std::move(config_);
  }

  [[nodiscard]] Mistakes& mistakes() { return mistakes_; }

 private:
  void take(const Value& element) {
    const auto* table = element.as<Table>();
    if (table == nullptr) {
      mistakes_.add(element.at, "'rule' must be a list of tables, not " + std::string(element.type()),
                    "write [[rule]] above each rule");
      return;
    }
    Section section(*table, element.at, "a rule", mistakes_);
    RuleText read = read_rule(section, config_.gateway.addresses, config_.discovery);
    for (InterfaceUse& use : read.interfaces) use.rule = config_.rules.size();
    std::ranges::move(read.interfaces, std::back_inserter(config_.interface_uses));
    config_.rules.push_back(std::move(read.rule));
    const Value* name = section.find("name");
    names_.push_back(name == nullptr ? element.at : name->at);
  }

  void check_names() {
    std::unordered_map<std::string_view, std::uint32_t> lines;
    lines.reserve(config_.rules.size());
    for (std::size_t i = 0; i < config_.rules.size(); ++i) {
      const policy::Rule& rule = config_.rules[i];
      if (rule.name.empty()) continue;
      const auto [first, is_new] = lines.emplace(rule.name, rule.source_line);
      if (is_new) continue;
      mistakes_.add(names_[i], "the name '" + rule.name + "' is given twice",
                    "the first rule of that name is in line " + std::to_string(first->second));
    }
  }

  const std::string& file_;
  Mistakes mistakes_;
  Config config_;
  std::vector<Position> names_;  ///< of each rule
};

/// What is behind the two mistakes that people make most often, of which the parser names the consequence alone.
std::string way_out(std::string_view message) {
  if (message.contains("string") && message.contains("control characters"))
    return "is a quotation mark missing at the end of this line?";
  if (message.contains("table 'rule'")) return "write [[rule]], with two brackets, above each rule";
  return "the file is not valid TOML";
}

}  // namespace

std::string ConfigError::text() const {
  std::string place = file;
  if (line != 0) place += ":" + std::to_string(line) + ":" + std::to_string(column);
  return place + ": " + message + (hint.empty() ? "" : " (" + hint + ")");
}

base::Result<Config, std::vector<ConfigError>> parse(std::string_view text, const std::string& file) {
  Reading in_pieces(file);
  const bool done = read_in_pieces(
      text, kPieceBytes, [&](const Table& others) { in_pieces.take(others); },
      [&](const List& rules) { in_pieces.take(rules); });
  if (done) return std::move(in_pieces).finish();
  Reading whole(file);
  const auto document = read_document(text);
  if (document) {
    whole.take(*document);
  } else {
    whole.mistakes().add(document.error().at, document.error().message, way_out(document.error().message));
  }
  return std::move(whole).finish();
}

}  // namespace config
