#include "config/psk.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

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

/// A file, and the key of the configuration that names it.
struct Named {
  std::string_view key;
  const std::string& path;

  [[nodiscard]] std::unexpected<base::TextError> refused(std::string_view why, std::string hint) const {
    return std::unexpected(base::TextError{std::string(key) + " '" + path + "' " + std::string(why), std::move(hint)});
  }
};

std::string reason() {
  return std::strerror(errno);  // NOLINT(concurrency-mt-unsafe): one thread reads the configuration
}

std::string way_out_of_opening(const std::string& path, int error) {
  if (error == EACCES) return "it has to belong to the user that tedd runs as: chown _opented " + path;
  if (error == ENOENT)
    return "one is made by (umask 077; openssl rand -base64 32 > " + path + "), the same for all gateways";
  return "";
}

base::Result<base::Secret, base::TextError> load(const Named& named) {
  const std::string& path = named.path;
  // Not blocking, so that a FIFO in its place cannot hold the daemon.
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.descriptor() < 0) {
    const int error = errno;
    return named.refused("cannot be opened: " + reason(), way_out_of_opening(path, error));
  }
  struct stat facts{};
  if (::fstat(file.descriptor(), &facts) != 0) return named.refused("cannot be examined: " + reason(), "");
  if (!S_ISREG(facts.st_mode)) return named.refused("is not a regular file", "");
  if ((facts.st_mode & 0077U) != 0) {
    return named.refused("is open to other users than its owner", "run: chmod 600 " + path);
  }
  // As long as it can become from the beginning, for it must not leave copies behind as it grows.
  base::Bytes bytes(kMaxSecret + kLineEnd + 1);
  std::size_t length = 0;
  while (length < bytes.size()) {
    const ssize_t count = ::read(file.descriptor(), bytes.data() + length, bytes.size() - length);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      base::wipe(bytes);
      return named.refused("cannot be read: " + reason(), "");
    }
    if (count == 0) break;
    length += static_cast<std::size_t>(count);
  }
  bytes.resize(length);
  if (!bytes.empty() && bytes.back() == '\n') {
    bytes.pop_back();
    if (!bytes.empty() && bytes.back() == '\r') bytes.pop_back();
  }
  base::Secret secret(std::move(bytes));
  if (secret.empty())
    return named.refused("is empty", "write the shared secret into it, e.g. of openssl rand -base64 32");
  // An editor that writes UTF-16, or a binary file named by mistake; other IKE daemons would end the secret there.
  if (secret.text().contains('\0')) {
    return named.refused("has a NUL byte in it", "write the secret as text, e.g. of openssl rand -base64 32");
  }
  if (secret.view().size() > kMaxSecret) return named.refused("is longer than 4096 bytes", "");
  return secret;
}

}  // namespace

base::Result<base::Secret, base::TextError> load_psk(const std::string& path) {
  return load({"psk_file", path});
}

base::Result<base::Secret, base::TextError> load_discovery_key(const std::string& path) {
  const Named named{"key_file", path};
  auto key = load(named);
  if (key && key->view().size() < kMinDiscoveryKey) {
    return named.refused("is shorter than " + std::to_string(kMinDiscoveryKey) + " bytes",
                         "write a random key, e.g. of openssl rand -base64 32");
  }
  return key;
}

}  // namespace config
