// Configuration text around the piece under test.
#pragma once

#include <gtest/gtest.h>
#include <string>

#include "config/config.hpp"

namespace config_test {

inline const std::string kHead =
    "[gateway]\naddresses = [\"192.0.2.1\"]\ninterfaces = [\"wan0\"]\n"
    "[ike]\npsk_file = \"/etc/opented/psk\"\n";

/// A file whose only rule has these lines besides name, action, local and remote, as far as they are not given.
inline std::string with_rule(const std::string& lines) {
  std::string rule = kHead + "[[rule]]\n" + lines;
  const auto add = [&](const std::string& key, const std::string& value) {
    if (("\n" + lines).find("\n" + key + " ") == std::string::npos) rule += key + " = " + value + "\n";
  };
  add("name", "\"r\"");
  add("action", "\"protect\"");
  add("local", "[\"10.1.0.0/16\"]");
  add("remote", "[\"10.0.0.0/8\"]");
  return rule;
}

/// The only rule of a file that must be right.
inline policy::Rule rule_of(const std::string& lines) {
  const auto parsed = config::parse(with_rule(lines), "t.toml");
  if (!parsed) {
    ADD_FAILURE() << parsed.error().front().text();
    return {};
  }
  return parsed->rules.at(0);
}

/// Every mistake of a text, one a line; empty when there is none.
inline std::string mistakes_of(const std::string& text) {
  const auto parsed = config::parse(text, "t.toml");
  std::string all;
  if (!parsed) {
    for (const auto& error : parsed.error()) all += error.text() + "\n";
  }
  return all;
}

}  // namespace config_test
