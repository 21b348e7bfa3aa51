#include "base/protocol.hpp"
#include "migrate/imported.hpp"

namespace migrate {

namespace {

/// As a TOML string: quotes and control characters cannot end it.
std::string quoted(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string all = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      all += {'\\', c};
    } else if (byte < 0x20 || byte >= 0x7f) {
      all += {'\\', 'u', '0', '0', kHex[byte >> 4U], kHex[byte & 15U]};
    } else {
      all += c;
    }
  }
  return all + "\"";
}

/// In a comment control characters are not allowed, and other bytes may be no UTF-8.
std::string plain(std::string_view text) {
  std::string all(text.substr(0, 200));
  for (char& c : all) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7f) c = '?';
  }
  return all;
}

std::string list(const std::vector<std::string>& texts) {
  std::string all = "[";
  for (const std::string& text : texts) all += (all.size() > 1 ? ", " : "") + quoted(text);
  return all + "]";
}

std::string list(const std::vector<base::MaskedAddress>& addresses) {
  std::vector<std::string> texts;
  texts.reserve(addresses.size());
  for (const base::MaskedAddress& one : addresses) texts.push_back(one.text());
  return list(texts);
}

std::string_view action_of(policy::Action action) {
  switch (action) {
    case policy::Action::kProtect: return "protect";
    case policy::Action::kBypass: return "bypass";
    case policy::Action::kBlock: return "block";
  }
  return "";
}

std::string head(const Imported& imported, std::string_view source) {
  const auto known = [](const std::vector<std::string>& given, const char* else_what) {
    return given.empty() ? std::vector<std::string>{else_what} : given;
  };
  std::string text = "# Made by tedctl import of " + plain(source) +
                     ". Read it before you use it: tedctl check names what is odd.\n\n[gateway]\n";
  text += "addresses  = " + list(known(imported.addresses, "192.0.2.1"));
  text += imported.addresses.empty() ? "   # FILL IN: this machine's outer addresses\n" : "\n";
  text += "interfaces = " + list(known({}, "wan0")) + "   # FILL IN: the interfaces to the outside";
  std::string before;
  for (const std::string& name : imported.interfaces) before += (before.empty() ? "" : ", ") + name;
  text += before.empty() ? "\n" : "; in the file: " + plain(before) + "\n";
  return text + "\n[ike]\nauth     = \"psk\"\npsk_file = \"psk\"   # FILL IN: the same secret on every gateway\n";
}

std::string ports(std::string_view key, base::PortRange range) {
  if (range.is_any()) return {};
  return std::string(key) + " = " + (range.is_single() ? std::to_string(range.lo) : quoted(range.text())) + "\n";
}

std::string rule_text(const ImportedRule& imported) {
  const policy::Rule& rule = imported.rule;
  std::string text = "\n[[rule]]   # line " + std::to_string(rule.source_line) + ": " + plain(imported.origin) + "\n";
  text += "name   = " + quoted(rule.name) + "\naction = " + quoted(action_of(rule.action)) + "\n";
  text += "local  = " + list(rule.local) + "\nremote = " + list(rule.remote) + "\n";
  if (rule.protocol) {
    text += "protocol = " + quoted(base::text(*rule.protocol)) + "\n";
    if (!base::is_icmp(*rule.protocol)) {
      text += ports("local_port", rule.local_port) + ports("remote_port", rule.remote_port);
    } else if (!rule.local_port.is_any()) {
      text += "icmp = \"" + std::to_string(rule.local_port.lo);
      text += rule.remote_port.is_any() ? "\"\n" : "/" + std::to_string(rule.remote_port.lo) + "\"\n";
    }
  }
  if (rule.action == policy::Action::kProtect && !rule.discover) text += "discover = false\n";
  return text;
}

}  // namespace

std::string toml_of(const Imported& imported, std::string_view source) {
  std::string text = head(imported, source);
  for (const ImportedRule& rule : imported.rules) text += rule_text(rule);
  return text;
}

}  // namespace migrate
