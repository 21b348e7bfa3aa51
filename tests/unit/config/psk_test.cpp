#include "config/psk.hpp"

#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace config_test {

class Psk : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "opented-psk-XXXXXX";
    const int descriptor = ::mkstemp(name.data());
    ASSERT_GE(descriptor, 0);
    ::close(descriptor);
    path_ = name;
  }
  void TearDown() override { ::unlink(path_.c_str()); }

  void write(const std::string& content, mode_t mode) {
    std::ofstream(path_, std::ios::binary) << content;
    ASSERT_EQ(::chmod(path_.c_str(), mode), 0);
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST_F(Psk, ReadsTheSecretWithoutItsNewline) {
  write("correct horse\n", 0600);
  EXPECT_EQ(config::load_psk(path()), "correct horse");
  write("two\n\n", 0400);
  EXPECT_EQ(config::load_psk(path()), "two\n");
  write("of another system\r\n", 0600);
  EXPECT_EQ(config::load_psk(path()), "of another system");
  write("two\r\n\r\n", 0600);
  EXPECT_EQ(config::load_psk(path()), "two\r\n");
  write("no line end\r", 0600);
  EXPECT_EQ(config::load_psk(path()), "no line end\r");
  write(std::string(4096, 'x') + "\r\n", 0600);
  EXPECT_EQ(config::load_psk(path()), std::string(4096, 'x'));
}

TEST_F(Psk, RefusesNulBytes) {
  for (const std::string& content : {std::string("se\0cret\n", 8), std::string("secret\0", 7), std::string(1, '\0')}) {
    write(content, 0600);
    const auto refused = config::load_psk(path());
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().message.ends_with("has a NUL byte in it")) << refused.error().message;
    EXPECT_EQ(refused.error().message.find("cret"), std::string::npos);
  }
}

TEST_F(Psk, RefusesAFileThatOthersMayUse) {
  write("correct horse\n", 0640);
  const auto refused = config::load_psk(path());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().hint, "run: chmod 600 " + path());
  EXPECT_EQ((refused.error().message + refused.error().hint).find("horse"), std::string::npos);
}

TEST_F(Psk, RefusesEmptyLongAndMissing) {
  for (const char* nothing : {"", "\n", "\r\n"}) {
    write(nothing, 0600);
    EXPECT_TRUE(config::load_psk(path()).error().message.ends_with("is empty"));
  }
  write(std::string(4097, 'x'), 0600);
  EXPECT_TRUE(config::load_psk(path()).error().message.ends_with("is longer than 4096 bytes"));
  EXPECT_FALSE(config::load_psk(path() + ".none"));
  EXPECT_FALSE(config::load_psk("/dev/null"));
  EXPECT_FALSE(config::load_psk(testing::TempDir()));
}

}  // namespace config_test
