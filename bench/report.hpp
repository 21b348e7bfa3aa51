// What was measured, for people and for programs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "machine.hpp"
#include "measure.hpp"

namespace bench {

struct Results {
  Machine machine;
  std::vector<Case> cases;         ///< empty when micro was not asked for
  std::vector<Sample> samples;     ///< beside them
  std::vector<Case> policy_cases;  ///< likewise for policy
  std::vector<Sample> policy_samples;
  std::vector<std::string> facts;      ///< what is no time: memory
  std::optional<std::string> network;  ///< the JSON that discovery.py printed
};

[[nodiscard]] std::string as_text(const Machine& machine);
/// The table of cases and what was measured of them.
[[nodiscard]] std::string as_text(const std::vector<Case>& cases, const std::vector<Sample>& samples);
/// Everything as one JSON object. `network` that is no JSON is given as text.
[[nodiscard]] std::string as_json(const Results& results);

}  // namespace bench
