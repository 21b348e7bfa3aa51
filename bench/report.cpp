#include "report.hpp"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace bench {

namespace {

double median_of(const std::vector<Case>& cases, const std::vector<Sample>& samples, const std::string& name) {
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (cases[i].name == name) return samples[i].median;
  }
  return 0;
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value);
  return text;
}

std::string right(const std::string& text, std::size_t width) {
  return text.size() >= width ? " " + text : std::string(width - text.size(), ' ') + text;
}

std::string left(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

}  // namespace

std::string as_text(const Machine& machine) {
  return machine.cpu + ", " + std::to_string(machine.cores) + " cores; " + machine.kernel + "; " + machine.compiler +
         ", " + machine.build + "\n";
}

std::string as_text(const std::vector<Case>& cases, const std::vector<Sample>& samples) {
  constexpr std::size_t kName = 56;
  constexpr std::size_t kColumn = 11;
  std::string out = left("ns for one", kName);
  for (const char* title : {"median", "min", "max", "1000/s", "floor", "of floor", "goal", "of goal"}) {
    out += right(title, kColumn);
  }
  out += "\n";
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Case& what = cases[i];
    const Sample& sample = samples[i];
    const double floor = median_of(cases, samples, what.floor);
    out += left(what.name, kName) + right(number(sample.median), kColumn) + right(number(sample.min), kColumn) +
           right(number(sample.max), kColumn) + right(number(1e6 / sample.median), kColumn);
    out += floor > 0 ? right(number(floor), kColumn) + right(number(sample.median / floor), kColumn)
                     : right("", 2 * kColumn);
    if (what.goal_ns > 0) {
      out += right(number(what.goal_ns), kColumn) + right(number(sample.median / what.goal_ns), kColumn);
      if (sample.median > what.goal_ns) out += "  missed";
    }
    out += "\n";
  }
  return out;
}

namespace {

using Json = nlohmann::ordered_json;

Json table(const std::vector<Case>& cases, const std::vector<Sample>& samples) {
  Json out = Json::array();
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Case& what = cases[i];
    const Sample& sample = samples[i];
    Json entry = {{"name", what.name}, {"ns", sample.median}, {"min", sample.min}, {"max", sample.max}};
    if (const double floor = median_of(cases, samples, what.floor); floor > 0) {
      entry["floor_ns"] = floor;
      entry["of_floor"] = sample.median / floor;
    }
    if (what.goal_ns > 0) {
      entry["goal_ns"] = what.goal_ns;
      entry["of_goal"] = sample.median / what.goal_ns;
    }
    out.push_back(std::move(entry));
  }
  return out;
}

}  // namespace

std::string as_json(const Results& results) {
  Json out;
  out["machine"] = {{"cpu", results.machine.cpu},
                    {"cores", results.machine.cores},
                    {"kernel", results.machine.kernel},
                    {"compiler", results.machine.compiler},
                    {"build", results.machine.build}};
  if (!results.cases.empty()) out["micro"] = table(results.cases, results.samples);
  if (!results.policy_cases.empty()) out["policy"] = table(results.policy_cases, results.policy_samples);
  if (!results.facts.empty()) out["facts"] = results.facts;
  if (results.network) {
    Json network = Json::parse(*results.network, nullptr, false);
    out["discovery"] = network.is_discarded() ? Json(*results.network) : std::move(network);
  }
  return out.dump(2) + "\n";
}

}  // namespace bench
