// Runs a fuzz target over the files that are named on the command line, and every file of the corpora that are: the
// fuzzer's finds as a test.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <vector>

#include "fuzz/fuzz.hpp"

namespace {

bool replay_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
  if (file.bad() || !file.is_open()) {
    std::fprintf(stderr, "%s: cannot be read; name an input, or a folder of inputs\n", path.c_str());
    return false;
  }
  const std::vector<std::uint8_t> input(bytes.begin(), bytes.end());
  LLVMFuzzerTestOneInput(input.data(), input.size());
  return true;
}

// The inputs that were run; nothing when one cannot be read.
std::optional<std::size_t> replay(const std::filesystem::path& path) {
  if (!std::filesystem::is_directory(path)) return replay_file(path) ? std::optional<std::size_t>(1) : std::nullopt;
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (!replay_file(entry.path())) return std::nullopt;
    ++count;
  }
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t count = 0;
  for (int i = 1; i < argc; ++i) {
    const auto some = replay(argv[i]);
    if (!some) return 1;
    count += *some;
  }
  std::printf("%zu inputs\n", count);
  return count > 0 ? 0 : 1;  // an empty corpus is a mistake, not a success
}
