// Rules as one line each, to compare.
#pragma once

#include <string>
#include <vector>

#include "migrate/imported.hpp"

namespace migrate {

inline std::string shown(const policy::Rule& rule) {
  std::string text = rule.action == policy::Action::kProtect  ? "protect"
                     : rule.action == policy::Action::kBypass ? "bypass"
                                                              : "block";
  if (rule.action == policy::Action::kProtect && !rule.discover) text += " (answers only)";
  text += rule.protocol ? " " + base::text(*rule.protocol) : " any";
  for (const auto& one : rule.local) text += " " + one.text();
  if (!rule.local_port.is_any()) text += " port " + rule.local_port.text();
  text += " >";
  for (const auto& one : rule.remote) text += " " + one.text();
  if (!rule.remote_port.is_any()) text += " port " + rule.remote_port.text();
  return text;
}

inline std::vector<std::string> rules_of(const Imported& imported) {
  std::vector<std::string> all;
  for (const ImportedRule& one : imported.rules) all.push_back(one.rule.name + ": " + shown(one.rule));
  return all;
}

/// Line and what stands there of all that was lost.
inline std::vector<std::string> lost_of(const Imported& imported) {
  std::vector<std::string> all;
  for (const Finding& one : imported.findings) {
    if (one.lost) all.push_back(std::to_string(one.line) + ": " + one.text);
  }
  return all;
}

}  // namespace migrate
