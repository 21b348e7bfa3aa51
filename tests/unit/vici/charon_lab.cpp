#include "unit/vici/charon_lab.hpp"

#include <array>
#include <cstdlib>
#include <fstream>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sstream>
#include <string_view>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

extern char** environ;

namespace vici_lab {
namespace {

constexpr const char* kCharon = "/usr/sbin/charon-systemd";

pid_t spawn(const std::vector<std::string>& words) {
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  pid_t child = -1;
  return posix_spawnp(&child, argv[0], nullptr, nullptr, argv.data(), environ) == 0 ? child : -1;
}

/// The command that gives the device an address and sets it up.
std::string add(const std::string& netns, const std::string& device, const std::string& address) {
  const std::string on = "ip -n " + netns;
  return on + " addr add " + address + " dev " + device + " && " + on + " link set " + device + " up";
}

/// The end of a log, some lines of it.
std::string tail(const std::string& text) {
  std::size_t from = text.size();
  for (int lines = 0; from > 0 && lines <= 30; --from) lines += text[from - 1] == '\n' ? 1 : 0;
  return text.substr(from);
}

bool answers(const std::string& socket) {
  return run("swanctl --version --daemon --uri unix://" + socket);
}

/// Where charon-systemd says that it is ready, as it would to systemd.
class ReadyNotice {
 public:
  explicit ReadyNotice(const std::filesystem::path& path)
      : path_(path.string()), fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
    std::filesystem::remove(path_);
    if (::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) std::abort();
  }
  ReadyNotice(const ReadyNotice&) = delete;
  ReadyNotice& operator=(const ReadyNotice&) = delete;
  ~ReadyNotice() { ::close(fd_); }

  [[nodiscard]] const std::string& path() const { return path_; }
  /// False when the process ends first, or says nothing for long.
  [[nodiscard]] bool wait(pid_t process) const {
    constexpr int kLongMs = 20'000;
    const int end = static_cast<int>(::syscall(SYS_pidfd_open, process, 0));  // glibc 2.36 declares its own for C only
    std::array<pollfd, 2> waits{{{fd_, POLLIN, 0}, {end, POLLIN, 0}}};
    bool ready = false;
    while (!ready && ::poll(waits.data(), waits.size(), kLongMs) > 0 && (waits[0].revents & POLLIN) != 0) {
      std::array<char, 4096> text{};
      const ssize_t length = ::recv(fd_, text.data(), text.size(), 0);
      ready = length > 0 && std::string_view(text.data(), static_cast<std::size_t>(length)).starts_with("READY=1");
    }
    if (end >= 0) ::close(end);
    return ready;
  }

 private:
  std::string path_;
  int fd_;
};

}  // namespace

bool run(const std::string& command) {
  const pid_t child = spawn({"/bin/sh", "-c", "{ " + command + " ; } >/dev/null 2>&1"});
  int status = 0;
  return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::string missing() {
  if (geteuid() != 0) return "not root";
  if (access(kCharon, X_OK) != 0) return "no charon-systemd";
  if (!run("swanctl --help")) return "no swanctl";
  if (access("/usr/lib/ipsec/plugins/libstrongswan-kernel-libipsec.so", R_OK) != 0) return "no kernel-libipsec plugin";
  const std::string probe = "vicip" + std::to_string(getpid());
  if (!run("ip netns add " + probe)) return "no network namespaces";
  run("ip netns del " + probe);
  if (!run("test -c /dev/net/tun")) return "no /dev/net/tun";
  return {};
}

Lab::Lab() : tag_("vici" + std::to_string(getpid())) {
  std::string name = (std::filesystem::temp_directory_path() / "vici-lab-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) {
    trouble_ = "no folder " + name;
    return;
  }
  folder_ = name;
  const std::string a = netns(0);
  const std::string b = netns(1);
  up_ = must("ip netns add " + a) && must("ip netns add " + b) &&
        must("ip link add w0 netns " + a + " type veth peer name w0 netns " + b) &&
        must(add(a, "w0", "192.0.2.1/24")) && must(add(b, "w0", "192.0.2.2/24"));
  // kernel-libipsec takes a CHILD_SA only when this host has an address among the local selectors.
  for (const std::string& ns : {a, b}) {
    up_ = up_ && must("ip -n " + ns + " link add l0 type veth peer name l1 && ip -n " + ns + " link set l1 up") &&
          must(add(ns, "l0", ns == a ? "10.1.2.3/16" : "10.2.3.4/16")) && must("ip -n " + ns + " link set lo up");
  }
  write_config(0);
  write_config(1);
}

Lab::~Lab() {
  stop(0, false);
  stop(1, false);
  run("ip netns del " + netns(0));
  run("ip netns del " + netns(1));
  if (std::getenv("VICI_LAB_KEEP") == nullptr) std::filesystem::remove_all(folder_);
}

std::string Lab::netns(int side) const {
  return tag_ + (side == 0 ? "a" : "b");
}

std::string Lab::socket(int side) const {
  return (folder_ / (side == 0 ? "a.vici" : "b.vici")).string();
}

std::string Lab::log(int side) const {
  std::ifstream in(folder_ / (side == 0 ? "a.log" : "b.log"));
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

bool Lab::must(const std::string& command) {
  if (run(command)) return true;
  trouble_ = command;
  return false;
}

std::string Lab::how_it_went(int side) {
  pid_t& charon = charons_.at(static_cast<std::size_t>(side));
  std::string words = "charon " + netns(side);
  int status = 0;
  if (charon <= 0) {
    words += " cannot be started";
  } else if (waitpid(charon, &status, WNOHANG) == charon) {
    words += WIFEXITED(status) ? " ended with status " + std::to_string(WEXITSTATUS(status))
                               : " died of signal " + std::to_string(WTERMSIG(status));
    charon = -1;
  } else {
    words += " runs, and its socket does not answer";
  }
  const std::string text = tail(log(side));
  return words + (text.empty() ? "; it logged nothing" : "; the end of its log:\n" + text);
}

void Lab::write_config(int side) const {
  const std::string letter = side == 0 ? "a" : "b";
  std::ofstream out(folder_ / (letter + ".conf"));
  out << "charon-systemd {\n"
         "  load = random nonce openssl sha1 sha2 hmac kdf gcm aes pem pkcs1 pkcs8 x509 pubkey constraints revocation "
         "kernel-libipsec kernel-netlink socket-default vici updown addrblock\n"
         "  plugins {\n"
         "    vici { socket = unix://"
      << socket(side)
      << " }\n"
         "    kernel-libipsec { allow_peer_ts = yes }\n"
         "  }\n"
         "  filelog { log { path = "
      << (folder_ / (letter + ".log")).string()
      << "\n default = 1\n cfg = 2\n flush_line = yes } }\n"
         "}\n";
}

bool Lab::start(int side) {
  const std::string config = (folder_ / (side == 0 ? "a.conf" : "b.conf")).string();
  std::filesystem::remove(socket(side));
  const ReadyNotice notice(folder_ / (side == 0 ? "a.notify" : "b.notify"));
  // A /run of its own, because two charons on one machine would share files there.
  pid_t& charon = charons_.at(static_cast<std::size_t>(side));
  charon = spawn({"ip", "netns", "exec", netns(side), "unshare", "-m", "sh", "-c",
                  "mount -t tmpfs tmpfs /run && NOTIFY_SOCKET=" + notice.path() + " STRONGSWAN_CONF=" + config +
                      " exec " + kCharon + " >/dev/null 2>&1"});
  if (charon > 0 && notice.wait(charon) && answers(socket(side))) return true;
  trouble_ = how_it_went(side);
  return false;
}

void Lab::stop(int side, bool kill) {
  pid_t& charon = charons_.at(static_cast<std::size_t>(side));
  if (charon <= 0) return;
  ::kill(charon, kill ? SIGKILL : SIGTERM);
  waitpid(charon, nullptr, 0);
  charon = -1;
}

void Lab::pause(int side, bool paused) {
  const pid_t charon = charons_.at(static_cast<std::size_t>(side));
  if (charon > 0) ::kill(charon, paused ? SIGSTOP : SIGCONT);
}

}  // namespace vici_lab
