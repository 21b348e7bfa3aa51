#include "config/psk.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace config {

namespace {

constexpr std::size_t kMaxSecret = 4096;
constexpr std::size_t kLineEnd = 2;  // "\r\n"

// Closes what it holds at the end of the block.
class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

std::unexpected<base::TextError> refused(const std::string& path, std::string_view why, std::string hint) {
  return std::unexpected(base::TextError{"psk_file '" + path + "' " + std::string(why), std::move(hint)});
}

std::string reason() {
  return std::strerror(errno);  // NOLINT(concurrency-mt-unsafe): one thread reads the configuration
}

}  // namespace

base::Result<std::string, base::TextError> load_psk(const std::string& path) {
  // Not blocking, so that a FIFO in its place cannot hold the daemon.
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.descriptor() < 0) return refused(path, "cannot be opened: " + reason(), "");
  struct stat facts{};
  if (::fstat(file.descriptor(), &facts) != 0) return refused(path, "cannot be examined: " + reason(), "");
  if (!S_ISREG(facts.st_mode)) return refused(path, "is not a regular file", "");
  if ((facts.st_mode & 0077U) != 0) {
    return refused(path, "is open to other users than its owner", "run: chmod 600 " + path);
  }
  std::array<char, kMaxSecret + kLineEnd + 1> buffer{};
  std::string secret;
  for (;;) {
    const ssize_t count = ::read(file.descriptor(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return refused(path, "cannot be read: " + reason(), "");
    if (count == 0) break;
    secret.append(buffer.data(), static_cast<std::size_t>(count));
    if (secret.size() > kMaxSecret + kLineEnd) break;
  }
  if (secret.ends_with('\n')) {
    secret.pop_back();
    if (secret.ends_with('\r')) secret.pop_back();
  }
  if (secret.empty())
    return refused(path, "is empty", "write the shared secret into it, e.g. of openssl rand -base64 32");
  // An editor that writes UTF-16, or a binary file named by mistake; other IKE daemons would end the secret there.
  if (secret.contains('\0')) {
    return refused(path, "has a NUL byte in it", "write the secret as text, e.g. of openssl rand -base64 32");
  }
  if (secret.size() > kMaxSecret) return refused(path, "is longer than 4096 bytes", "");
  return secret;
}

}  // namespace config
