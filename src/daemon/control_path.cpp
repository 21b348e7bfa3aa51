// The part of ControlServer about its path: whose it is, who may open it, and who listens there already.
#include <array>
#include <cerrno>
#include <cstring>
#include <grp.h>
#include <optional>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/control_server.hpp"
#include "daemon/log.hpp"

namespace tedd {

namespace {

std::unexpected<std::string> failure(const std::string& path, const char* what) {
  return std::unexpected("control socket " + path + ": " + what + ": " + std::strerror(errno));
}

/// The address of that path; nothing when it is too long for one.
std::optional<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return std::nullopt;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

// Who does not accept, and has as many waiting as the kernel keeps, is there as well: never is it waited for.
bool somebody_listens(const sockaddr_un& address) {
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (probe < 0) return false;
  const bool connected =
      ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 || errno == EAGAIN;
  ::close(probe);
  return connected;
}

base::Result<gid_t, std::string> group_named(const std::string& name) {
  std::array<char, 65'536> names{};
  struct group entry{};
  struct group* found = nullptr;
  const int wrong = ::getgrnam_r(name.c_str(), &entry, names.data(), names.size(), &found);
  if (found != nullptr) return found->gr_gid;
  if (wrong != 0) return std::unexpected("the group '" + name + "' cannot be looked up: " + std::strerror(wrong));
  return std::unexpected("there is no group '" + name + "' ('groupadd --system " + name + "' makes it)");
}

/// The members of the group may open what is at the path.
base::Result<void, std::string> give_to(const std::string& path, const std::string& name) {
  const auto group = group_named(name);
  if (!group) return std::unexpected(group.error());
  if (::chown(path.c_str(), static_cast<uid_t>(-1), *group) == 0) return {};
  return std::unexpected("it cannot be given to the group '" + name + "': " + std::strerror(errno) +
                         " (tedd's user has to be a member: 'usermod -aG " + name + " USER', then start tedd anew)");
}

}  // namespace

std::optional<std::string> ControlServer::fault_of_readers(const std::string& readers) {
  if (readers.empty()) return std::nullopt;
  const auto group = group_named(readers);
  return group ? std::nullopt : std::optional(group.error());
}

bool ControlServer::is_served(const std::string& path) {
  const auto address = address_of(path);
  return address && somebody_listens(*address);
}

base::Result<void, std::string> ControlServer::bind(const std::string& path, const std::string& readers) {
  const auto named = address_of(path);
  if (!named) {
    errno = ENAMETOOLONG;
    return failure(path, "cannot be bound");
  }
  const sockaddr_un& address = *named;
  if (somebody_listens(address)) {
    return std::unexpected("control socket " + path + ": another tedd is running; stop it first");
  }
  ::unlink(path.c_str());
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return failure(path, "no socket can be made");
  // Without readers it is its owner's alone: the group that tedd runs in is nobody's to look.
  const mode_t before = ::umask(readers.empty() ? 0177 : 0117);
  const int bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  ::umask(before);
  if (bound != 0) {
    const auto result = failure(path, "cannot be bound (does its folder exist?)");
    ::close(fd);
    return result;
  }
  listener_ = fd;
  path_ = path;
  if (readers.empty()) return {};
  if (const auto given = give_to(path, readers); !given) {
    log(Level::kWarning, "TED-CONTROL",
        "control socket " + path + " stays with tedd's own user and root: " + given.error());
  }
  return {};
}

base::Result<void, std::string> ControlServer::listen() {
  if (::listen(listener_, kWaiting) != 0) return failure(path_, "cannot be listened at");
  source_ = loop_.io(listener_, [this](Loop::Readiness) { accept(); });
  return {};
}

}  // namespace tedd
