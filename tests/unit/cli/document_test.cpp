// The example in docs/policy.md, run as it stands there.
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

#include "unit/cli/run.hpp"

namespace cli_test {
namespace {

std::string document() {
  std::ostringstream text;
  text << std::ifstream(std::string(OPENTED_TESTS_DIR) + "/../docs/policy.md").rdbuf();
  return std::move(text).str();
}

/// What stands between the two, from `at` on; `at` is put behind it. Nothing, and a failure, when it is not there.
std::string between(const std::string& text, std::string_view begin, std::string_view end, std::size_t& at) {
  const auto from = text.find(begin, at);
  const auto to = from == std::string::npos ? from : text.find(end, from + begin.size());
  if (to == std::string::npos) {
    ADD_FAILURE() << "no " << begin << " in docs/policy.md behind " << at;
    return {};
  }
  at = to + end.size();
  return text.substr(from + begin.size(), to - from - begin.size());
}

TEST(PolicyDocument, ItsExampleIsWhatTedctlAnswers) {
  const std::string text = document();
  std::size_t at = 0;
  const auto branch =
      written("branch.toml", between(text, "`branch.toml`:\n```toml title=\"branch.toml\"\n", "```", at));
  const auto centre =
      written("centre.toml", between(text, "`centre.toml`:\n```toml title=\"centre.toml\"\n", "```", at));
  for (int i = 0; i < 2; ++i) {
    const auto flow = between(text, "--config branch.toml --peer centre.toml --flow '", "'", at);
    const auto answer = between(text, "answers:\n```text\n", "```", at);
    const auto outcome = tedctl({"explain", "--config", branch, "--peer", centre, "--flow", flow});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.out, answer);
  }
}

}  // namespace
}  // namespace cli_test
