#include "platform/pki/file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace pki {

namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

std::unexpected<Error> refused(ErrorCode code, const std::string& path, const std::string& why) {
  return std::unexpected(Error{code, path + " " + why});
}

std::string reason() {
  return std::strerror(errno);  // NOLINT(concurrency-mt-unsafe): one thread reads the configuration
}

bool write_all(int descriptor, base::ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return ::fsync(descriptor) == 0;
}

}  // namespace

base::Result<Secret, Error> read_file(const std::string& path, std::size_t most, Access access) {
  // Not blocking, so that a FIFO in its place cannot hold the daemon.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.number() < 0) {
    const bool denied = errno == EACCES;
    return refused(
        ErrorCode::kUnreadable, path,
        "cannot be opened: " + reason() +
            (denied ? " (it has to belong to the user that tedd runs as: chown _opented " + path + ")" : ""));
  }
  struct stat facts{};
  if (::fstat(file.number(), &facts) != 0) return refused(ErrorCode::kUnreadable, path, "cannot be examined");
  if (!S_ISREG(facts.st_mode)) return refused(ErrorCode::kUnreadable, path, "is not a regular file");
  if (access == Access::kOwnerAlone && (facts.st_mode & 0077U) != 0) {
    return refused(ErrorCode::kOpenToOthers, path,
                   "is open to other users than its owner (run: chmod 600 " + path + ")");
  }
  if (std::cmp_greater(facts.st_size, most)) {
    return refused(ErrorCode::kTooLarge, path, "is larger than " + std::to_string(most) + " bytes");
  }
  base::Bytes bytes(static_cast<std::size_t>(facts.st_size));
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t count = ::read(file.number(), bytes.data() + filled, bytes.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    filled += static_cast<std::size_t>(count);
  }
  Secret whole(std::move(bytes));
  if (filled != whole.view().size()) return refused(ErrorCode::kUnreadable, path, "cannot be read: " + reason());
  return whole;
}

base::Result<void, Error> write_file(const std::string& path, base::ByteView bytes, unsigned mode) {
  const std::string young = path + ".new";
  ::unlink(young.c_str());
  const Descriptor file(::open(young.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (file.number() < 0) return refused(ErrorCode::kUnreadable, path, "cannot be written: " + reason());
  if (::fchmod(file.number(), mode) != 0 || !write_all(file.number(), bytes) ||
      std::rename(young.c_str(), path.c_str()) != 0) {
    const std::string why = reason();
    ::unlink(young.c_str());
    return refused(ErrorCode::kUnreadable, path, "cannot be written: " + why);
  }
  return {};
}

}  // namespace pki
