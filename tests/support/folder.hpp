// A folder of a test's own, which goes with it.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdlib.h>
#include <string>

namespace support {

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "opented-test-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  /// All of a file in it; empty when it is not there.
  [[nodiscard]] std::string content(const std::string& name) const {
    std::ifstream stream(path_ + "/" + name);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

 private:
  std::string path_;
};

}  // namespace support
