#include "daemon/options.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <vector>

namespace tedd {
namespace {

base::Result<Options, std::string> parse(std::vector<std::string> words) {
  words.insert(words.begin(), "tedd");
  std::vector<char*> arguments;
  arguments.reserve(words.size());
  for (auto& word : words) arguments.push_back(word.data());
  return parse_options(static_cast<int>(arguments.size()), arguments.data());
}

TEST(Options, WithoutAnyTheDefaultFileIsRun) {
  const auto options = parse({}).value();
  EXPECT_EQ(options.mode, Mode::kRun);
  EXPECT_EQ(options.config, "/etc/opented/tedd.toml");
}

TEST(Options, TheFileInEitherForm) {
  EXPECT_EQ(parse({"--config", "a.toml"}).value().config, "a.toml");
  EXPECT_EQ(parse({"--config=b.toml", "--check"}).value().config, "b.toml");
}

TEST(Options, TheFolderOfTheLastGoodPolicy) {
  ::unsetenv("STATE_DIRECTORY");
  EXPECT_EQ(parse({}).value().state, "");
  ::setenv("STATE_DIRECTORY", "/var/lib/opented:/var/lib/more", 1);
  EXPECT_EQ(parse({}).value().state, "/var/lib/opented");
  EXPECT_EQ(parse({"--state", "a"}).value().state, "a");
  EXPECT_EQ(parse({"--state=b"}).value().state, "b");
  ::unsetenv("STATE_DIRECTORY");
  EXPECT_EQ(parse({"--state"}).error(), "--state needs a folder");
}

TEST(Options, EveryMode) {
  EXPECT_EQ(parse({"--check"}).value().mode, Mode::kCheck);
  EXPECT_EQ(parse({"--release"}).value().mode, Mode::kRelease);
  EXPECT_EQ(parse({"--version"}).value().mode, Mode::kVersion);
  EXPECT_EQ(parse({"--help"}).value().mode, Mode::kHelp);
  EXPECT_EQ(parse({"-h"}).value().mode, Mode::kHelp);
}

TEST(Options, WhatIsNoneIsNamed) {
  EXPECT_EQ(parse({"--confg"}).error(), "'--confg' is no option of tedd");
  EXPECT_EQ(parse({"--config"}).error(), "--config needs a file");
}

}  // namespace
}  // namespace tedd
