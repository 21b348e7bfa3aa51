// First match against the public ClassBench sets, where they are at hand: they are never copied into the project.
// Place: the folder named by OPENTED_CLASSBENCH, else ../shared/data/classbench beside the checkout.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <memory>
#include <sstream>
#include <string>

#include "base/flow.hpp"
#include "config/config.hpp"
#include "policy/plan.hpp"
#include "policy/snapshot.hpp"

namespace policy_test {

namespace fs = std::filesystem;

fs::path folder() {
  if (const char* named = std::getenv("OPENTED_CLASSBENCH"); named != nullptr) return named;
  return fs::path(OPENTED_TESTS_DIR).parent_path().parent_path() / "shared/data/classbench";
}

// What `gzip -dc` makes of the file.
std::string unpacked(const fs::path& file) {
  const std::string command = "gzip -dc '" + file.string() + "'";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  std::string text;
  std::array<char, 65536> buffer{};
  while (pipe) {
    const auto count = std::fread(buffer.data(), 1, buffer.size(), pipe.get());
    if (count == 0) break;
    text.append(buffer.data(), count);
  }
  return text;
}

class ClassBench : public testing::TestWithParam<const char*> {};

TEST_P(ClassBench, EveryFlowFindsItsFirstMatch) {
  const fs::path rules = folder() / (std::string(GetParam()) + ".toml.gz");
  const fs::path flows = folder() / (std::string(GetParam()) + ".flows.gz");
  if (!fs::exists(rules) || !fs::exists(flows)) GTEST_SKIP() << "no ClassBench set at " << rules;
  std::string text = unpacked(rules);
  text.replace(text.find("PSKFILE"), 7, "/etc/opented/psk");
  auto config = config::parse(text, rules.string());
  ASSERT_TRUE(config) << config.error().front().text();
  const policy::Snapshot snapshot(std::move(config->rules));

  // Every rule ends in its own way, so that the plan has to tell them all apart.
  std::vector<policy::Outcome> outcomes;
  for (std::size_t i = 0; i < snapshot.rules().size(); ++i) outcomes.push_back(static_cast<policy::Outcome>(i + 1));
  const auto v4 = policy::Plan::make(snapshot, base::Family::kV4, outcomes);
  const auto v6 = policy::Plan::make(snapshot, base::Family::kV6, outcomes);
  ASSERT_TRUE(v4 && v6);
  policy::Plan::Cost cost;

  std::istringstream lines(unpacked(flows));
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const auto tab = line.find('\t');
    ASSERT_NE(tab, std::string::npos);
    const auto flow = base::Flow::parse(line.substr(0, tab));
    ASSERT_TRUE(flow) << line;
    const auto match = snapshot.first_match(*flow);
    EXPECT_EQ(match ? snapshot.rule(match->rule).name : "none", line.substr(tab + 1)) << line;
    const policy::Outcome planned = match ? outcomes[static_cast<std::size_t>(match->rule)] : policy::kPass;
    const policy::Plan& plan = flow->source.family() == base::Family::kV4 ? *v4 : *v6;
    EXPECT_EQ(plan.outcome(*flow, cost), planned) << line;
  }
  EXPECT_EQ(count, 2000U);
  EXPECT_LT(cost.lines, 20 * count) << "lines compared";
  EXPECT_LT(cost.branches, 8 * count) << "values looked up";
}

INSTANTIATE_TEST_SUITE_P(Sets, ClassBench, testing::Values("acl_1k", "fw_1k", "ipc_1k", "acl_10k"),
                         [](const auto& set) { return std::string(set.param); });

}  // namespace policy_test
