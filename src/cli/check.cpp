// `tedctl check FILE`: every mistake of a configuration at its place; and of one that can be read, which rules cannot
// be reached, which share flows, which say what this version does not do, and whether the kernel can hold it.
#include <algorithm>
#include <fmt/format.h>
#include <span>

#include "cli/check_credentials.hpp"
#include "cli/commands.hpp"
#include "cli/own_machine.hpp"
#include "cli/text.hpp"
#include "config/config.hpp"
#include "config/machine.hpp"
#include "config/reused_secret.hpp"
#include "policy/guard_plan.hpp"
#include "policy/remarks.hpp"
#include "policy/report.hpp"

namespace cli {

namespace {

using control::Json;

/// Findings of a kind; the rest is counted. More tell a person nothing more.
constexpr std::size_t kMaxFindings = 100;

Json error_json(const config::ConfigError& error) {
  Json json = Json::object();
  json.add("file", error.file).add("line", error.line).add("column", error.column);
  json.add("message", error.message).add("hint", error.hint);
  return json;
}

Json errors_json(const std::vector<config::ConfigError>& errors) {
  Json list = Json::array();
  for (const auto& error : errors) list.push(error_json(error));
  return list;
}

void show(const std::vector<config::ConfigError>& errors) {
  for (const auto& error : errors) remark(error.text());
}

/// Why no kernel can hold the policy; empty when one can.
std::vector<config::ConfigError> planning_errors(const std::string& file, const policy::Snapshot& snapshot) {
  const auto planned = policy::plan_guard(snapshot);
  if (planned) return {};
  const policy::PlanError& error = planned.error();
  return {{file, snapshot.rule(error.rule).source_line, 1, error.message, error.hint}};
}

/// What is odd about a policy, whether it is refused or not.
struct Oddities {
  policy::Shadows shadows;
  policy::Overlaps overlaps;
  std::vector<policy::Remark> remarks;
  std::vector<std::string> general;  ///< what is of no rule
};

/// The findings that are told.
template <class Finding>
std::span<const Finding> told(const std::vector<Finding>& all) {
  return std::span(all).first(std::min(all.size(), kMaxFindings));
}
template <class Finding>
std::size_t left_out(const std::vector<Finding>& all) {
  return all.size() - told(all).size();
}

Json report_json(const policy::Snapshot& snapshot, const std::vector<config::ConfigError>& errors,
                 const Oddities& odd) {
  Json shadowed = Json::array();
  for (const auto& [rule, by] : told(odd.shadows.found)) {
    Json names = Json::array();
    for (const auto earlier : by) names.push(snapshot.rule(earlier).name);
    shadowed.push(Json::object()
                      .add("rule", snapshot.rule(rule).name)
                      .add("line", snapshot.rule(rule).source_line)
                      .add("by", std::move(names)));
  }
  Json overlaps = Json::array();
  for (const auto& [rule, with] : odd.overlaps.found) {
    overlaps.push(Json::object()
                      .add("rule", snapshot.rule(rule).name)
                      .add("line", snapshot.rule(rule).source_line)
                      .add("with", snapshot.rule(with).name));
  }
  Json unknown = Json::array();
  for (const auto rule : told(odd.shadows.unknown)) {
    unknown.push(Json::object().add("rule", snapshot.rule(rule).name).add("line", snapshot.rule(rule).source_line));
  }
  Json warnings = Json::array();
  for (const auto& [rule, text] : told(odd.remarks)) {
    warnings.push(Json::object()
                      .add("rule", snapshot.rule(rule).name)
                      .add("line", snapshot.rule(rule).source_line)
                      .add("message", text));
  }
  for (const std::string& text : odd.general) {
    warnings.push(Json::object().add("rule", Json()).add("line", 0).add("message", text));
  }
  Json json = Json::object();
  json.add("ok", errors.empty()).add("rules", snapshot.rules().size()).add("errors", errors_json(errors));
  json.add("shadowed", std::move(shadowed)).add("overlapping", std::move(overlaps));
  json.add("warnings", std::move(warnings)).add("not_known_whether_shadowed", std::move(unknown));
  json.add("left_out", Json::object()
                           .add("shadowed", left_out(odd.shadows.found))
                           .add("overlapping", odd.overlaps.left_out)
                           .add("overlapping_all_counted", odd.overlaps.complete)
                           .add("warnings", left_out(odd.remarks))
                           .add("not_known_whether_shadowed", left_out(odd.shadows.unknown)));
  return json;
}

void show_rest(std::size_t count, const char* what) {
  if (count > 0) print_folded(fmt::format("and {} more {}", count, what));
}

void show(const std::string& file, const policy::Snapshot& snapshot, const Oddities& odd) {
  const auto at_line = [&](policy::RuleIndex index) {
    return fmt::format("{}:{}: ", file, snapshot.rule(index).source_line);
  };
  const auto place = [&](policy::RuleIndex index) {
    return fmt::format("{}rule '{}'", at_line(index), snapshot.rule(index).name);
  };
  for (const policy::Shadowed& shadowed : told(odd.shadows.found)) {
    print_folded(at_line(shadowed.rule) + policy::text(snapshot, shadowed));
  }
  show_rest(left_out(odd.shadows.found), "rules that are never reached");
  for (const auto rule : told(odd.shadows.unknown)) {
    print_folded(fmt::format(
        "{}: whether it is ever reached is not known: too many lines before it share flows with it", place(rule)));
  }
  show_rest(left_out(odd.shadows.unknown), "rules of which that is not known");
  for (const auto& [rule, with] : odd.overlaps.found) {
    print_folded(
        fmt::format("{} shares flows with '{}' before it, which gets them", place(rule), snapshot.rule(with).name));
  }
  show_rest(odd.overlaps.left_out, "pairs of rules that share flows");
  if (!odd.overlaps.complete)
    print_folded("the search for rules that share flows ended early: there may be more of them");
  for (const auto& [rule, text] : told(odd.remarks)) {
    print_folded(at_line(rule) + text);
  }
  show_rest(left_out(odd.remarks), "warnings");
  for (const std::string& text : odd.general) print_folded(fmt::format("{}: {}", file, text));
}

/// What is odd about the rest of the file. Of interfaces only where the file is for this very machine.
std::vector<std::string> general_oddities(const LoadedRules& loaded) {
  std::vector<std::string> all;
  if (auto reused = config::reused_secret(loaded.ike, loaded.discovery)) all.push_back(*std::move(reused));
  const auto machine = own_machine();
  if (!config::is_for(loaded.gateway, machine)) return all;
  for (std::string& text : config::texts(config::misfit(loaded.gateway, machine))) all.push_back(std::move(text));
  return all;
}

std::string verdict(const std::string& file, const policy::Snapshot& snapshot) {
  const std::size_t count = snapshot.rules().size();
  return fmt::format("{}: good, {} {}", file, count, count == 1 ? "rule" : "rules");
}

}  // namespace

ExitStatus run_check(const Context& context, const CheckOptions& options) {
  auto loaded = load_rules(options.file, options.interfaces, "--interface");
  if (!loaded) {
    if (context.json) {
      print_json(Json::object().add("ok", false).add("errors", errors_json(loaded.error())));
    } else {
      show(loaded.error());
    }
    return ExitStatus::kNo;
  }
  const policy::Snapshot snapshot(std::move(loaded->rules));
  auto errors = credential_errors(options.file, loaded->ike, loaded->gateway.addresses);
  const auto keys = discovery_errors(options.file, loaded->discovery);
  errors.insert(errors.end(), keys.begin(), keys.end());
  const auto unplanned = planning_errors(options.file, snapshot);
  errors.insert(errors.end(), unplanned.begin(), unplanned.end());
  Oddities odd{policy::shadowed_rules(snapshot), policy::overlapping_rules(snapshot, kMaxFindings),
               policy::remarks(snapshot), general_oddities(*loaded)};
  odd.remarks.insert(odd.remarks.end(), loaded->idle.begin(), loaded->idle.end());
  if (context.json) {
    print_json(report_json(snapshot, errors, odd));
  } else {
    show(options.file, snapshot, odd);
    show(errors);
    if (errors.empty()) print(verdict(options.file, snapshot));
  }
  return errors.empty() ? ExitStatus::kOk : ExitStatus::kNo;
}

}  // namespace cli
