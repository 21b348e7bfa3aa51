#include "unit/cli/run.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <sys/wait.h>

namespace cli_test {

namespace {

std::string quoted(const std::string& word) {
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return std::move(text).str();
}

struct Scratch {
  std::string path = (std::filesystem::temp_directory_path() / "tedctl-test-XXXXXX").string();
  Scratch() {
    if (mkdtemp(path.data()) == nullptr) std::abort();
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  Scratch(Scratch&&) = delete;
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch() { std::filesystem::remove_all(path); }
};

}  // namespace

std::string scratch() {
  static const Scratch directory;
  return directory.path;
}

std::string written(const std::string& name, const std::string& text) {
  const std::string path = scratch() + "/" + name;
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

Outcome tedctl(const std::vector<std::string>& arguments, const std::string& input) {
  const std::string in = written("stdin", input);
  const std::string err = scratch() + "/stderr";
  std::string line = quoted(OPENTED_TEDCTL);
  for (const auto& argument : arguments) line += " " + quoted(argument);
  std::FILE* pipe = popen((line + " <" + quoted(in) + " 2>" + quoted(err)).c_str(), "r");
  if (pipe == nullptr) return {};
  Outcome outcome;
  std::array<char, 4096> chunk{};
  while (const auto length = std::fread(chunk.data(), 1, chunk.size(), pipe)) outcome.out.append(chunk.data(), length);
  const int status = pclose(pipe);
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  outcome.err = content(err);
  return outcome;
}

void expect_golden(const std::string& name, const std::string& text) {
  const std::string path = std::string(OPENTED_TESTS_DIR) + "/golden/cli/" + name;
  if (std::getenv("OPENTED_UPDATE_GOLDEN") != nullptr) std::ofstream(path, std::ios::binary) << text;
  EXPECT_EQ(text, content(path)) << path;
}

}  // namespace cli_test
