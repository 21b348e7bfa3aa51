// `tedctl check FILE`: every mistake of a configuration at its place; and of a good one, which rules cannot be reached,
// which share flows, and which say what this version does not do.
#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/text.hpp"
#include "config/config.hpp"
#include "policy/guard_plan.hpp"
#include "policy/remarks.hpp"
#include "policy/report.hpp"

namespace cli {

namespace {

using control::Json;

/// More pairs tell a person nothing more.
constexpr std::size_t kMaxOverlaps = 100;

Json error_json(const config::ConfigError& error) {
  Json json = Json::object();
  json.add("file", error.file).add("line", error.line).add("column", error.column);
  json.add("message", error.message).add("hint", error.hint);
  return json;
}

ExitStatus refuse(const Context& context, const std::vector<config::ConfigError>& errors) {
  Json list = Json::array();
  for (const auto& error : errors) {
    if (!context.json) remark(error.text());
    list.push(error_json(error));
  }
  if (context.json) print_json(Json::object().add("ok", false).add("errors", std::move(list)));
  return ExitStatus::kNo;
}

/// What is odd about a policy that is good.
struct Oddities {
  std::vector<policy::Shadowed> shadowed;
  std::vector<policy::Overlap> overlaps;
  std::vector<policy::Remark> remarks;
};

Json oddities_json(const policy::Snapshot& snapshot, const Oddities& odd) {
  Json shadowed = Json::array();
  for (const auto& [rule, by] : odd.shadowed) {
    Json names = Json::array();
    for (const auto earlier : by) names.push(snapshot.rule(earlier).name);
    shadowed.push(Json::object()
                      .add("rule", snapshot.rule(rule).name)
                      .add("line", snapshot.rule(rule).source_line)
                      .add("by", std::move(names)));
  }
  Json overlaps = Json::array();
  for (const auto& [rule, with] : odd.overlaps) {
    overlaps.push(Json::object()
                      .add("rule", snapshot.rule(rule).name)
                      .add("line", snapshot.rule(rule).source_line)
                      .add("with", snapshot.rule(with).name));
  }
  Json warnings = Json::array();
  for (const auto& [rule, text] : odd.remarks) {
    warnings.push(Json::object()
                      .add("rule", snapshot.rule(rule).name)
                      .add("line", snapshot.rule(rule).source_line)
                      .add("message", text));
  }
  Json json = Json::object();
  json.add("ok", true).add("rules", snapshot.rules().size()).add("errors", Json::array());
  json.add("shadowed", std::move(shadowed)).add("overlapping", std::move(overlaps));
  json.add("warnings", std::move(warnings));
  return json;
}

void show(const std::string& file, const policy::Snapshot& snapshot, const Oddities& odd) {
  const auto place = [&](policy::RuleIndex index) {
    return fmt::format("{}:{}: rule '{}'", file, snapshot.rule(index).source_line, snapshot.rule(index).name);
  };
  for (const auto& [rule, by] : odd.shadowed) {
    std::vector<std::string> names;
    names.reserve(by.size());
    for (const auto earlier : by) names.push_back("'" + snapshot.rule(earlier).name + "'");
    print(fmt::format("{} is never reached: {} before it takes all of its flows", place(rule), joined(names, ", ")));
  }
  for (const auto& [rule, with] : odd.overlaps) {
    print(fmt::format("{} shares flows with '{}' before it, which gets them", place(rule), snapshot.rule(with).name));
  }
  for (const auto& [rule, text] : odd.remarks) {
    print(fmt::format("{}:{}: {}", file, snapshot.rule(rule).source_line, text));
  }
  print(fmt::format("{}: good, {} {}", file, snapshot.rules().size(), snapshot.rules().size() == 1 ? "rule" : "rules"));
}

}  // namespace

ExitStatus run_check(const Context& context, const CheckOptions& options) {
  auto loaded = load_rules(options.file, options.interfaces, "--interface");
  if (!loaded) return refuse(context, loaded.error());
  const policy::Snapshot snapshot(std::move(loaded->rules));
  if (const auto planned = policy::plan_guard(snapshot); !planned) {
    const policy::PlanError& error = planned.error();
    return refuse(context, {{options.file, snapshot.rule(error.rule).source_line, 1, error.message, error.hint}});
  }
  Oddities odd{policy::shadowed_rules(snapshot), policy::overlapping_rules(snapshot, kMaxOverlaps),
               policy::remarks(snapshot)};
  odd.remarks.insert(odd.remarks.end(), loaded->idle.begin(), loaded->idle.end());
  if (context.json) {
    print_json(oddities_json(snapshot, odd));
  } else {
    show(options.file, snapshot, odd);
  }
  return ExitStatus::kOk;
}

}  // namespace cli
