// `tedctl rules`: the policy in force, in the order in which it is tried.
#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/text.hpp"

namespace cli {

namespace {

// Only what is not the default.
std::string trust_text(const control::RuleInfo& rule) {
  std::string text = rule.authenticated.value_or(false) ? ", authenticated peers only" : "";
  if (rule.disclose && *rule.disclose != "all") text += ", tells others " + *rule.disclose;
  if (rule.askers) text += ", answers " + joined(*rule.askers, ", ");
  return text;
}

/// What stands behind its name.
std::string properties(const control::RuleInfo& rule) {
  std::string text;
  if (rule.action == "protect") {
    text += fmt::format(" (discover {}, respond {}, {}on failure {}, first packet {}{})", rule.discover ? "yes" : "no",
                        rule.respond ? "yes" : "no", rule.draft.value_or(false) ? "draft yes, " : "", rule.on_failure,
                        rule.first_packet, trust_text(rule));
  }
  return rule.hits ? fmt::format("{}: {} hits", text, *rule.hits) : text;
}

void show_interfaces(const char* side,
                     const std::vector<std::pair<std::string, std::vector<std::string>>>& interfaces) {
  for (const auto& [name, networks] : interfaces) {
    print_hanging(fmt::format("  {} interface:{} = ", side, name),
                  networks.empty() ? "nothing" : joined(networks, ", "));
  }
}

void show(const std::vector<control::RuleInfo>& rules) {
  for (const auto& rule : rules) {
    const std::string text = properties(rule);
    const bool has_words = text.starts_with(' ');
    print_hanging(rule.action + " " + rule.name + (has_words ? " " : ""), has_words ? text.substr(1) : text);
    show_interfaces("local", rule.local_interfaces);
    show_interfaces("remote", rule.remote_interfaces);
    for (const auto& line : rule.lines) print("    " + line.text());
  }
  print("everything else: bypass");
}

}  // namespace

ExitStatus run_rules(const Context& context) {
  return ask_and_show<std::vector<control::RuleInfo>>(context, {control::Command::kRules, {}}, show);
}

}  // namespace cli
