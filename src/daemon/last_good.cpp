#include "daemon/last_good.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sstream>
#include <unistd.h>

#include "config/config.hpp"
#include "daemon/answers.hpp"
#include "daemon/follower.hpp"
#include "daemon/guard_keeper.hpp"
#include "daemon/loop.hpp"
#include "daemon/outside.hpp"
#include "platform/nft/client.hpp"
#include "platform/nft/interception.hpp"
#include "platform/nft/standing.hpp"
#include "policy/snapshot.hpp"

namespace tedd {
namespace {

constexpr std::string_view kBegin = "\n# tedd: what interfaces stood for when this was in force\n";
constexpr std::string_view kEnd = "# tedd: end\n";

constexpr std::string_view kOpen = "no guard stands: protected flows pass in the clear until tedd starts";
constexpr std::array<std::string_view, 3> kWays = {"forward", "input", "output"};

/// In order; empty when all succeeded, else the system's reason.
std::string write_file(const std::string& path, std::string_view content, bool sync) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return std::strerror(errno);
  int failed = 0;
  while (!content.empty() && failed == 0) {
    const auto done = ::write(fd, content.data(), content.size());
    if (done > 0) content.remove_prefix(static_cast<std::size_t>(done));
    if (done < 0 && errno != EINTR) failed = errno;
  }
  if (failed == 0 && sync && ::fsync(fd) != 0) failed = errno;
  if (::close(fd) != 0 && failed == 0) failed = errno;
  return failed == 0 ? std::string() : std::strerror(failed);
}

void sync_folder(const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  static_cast<void>(::fsync(fd));
  ::close(fd);
}

/// A table alone is no guard: packets have to meet it on each of their ways.
bool is_entered(const nft::Standing& standing) {
  return std::ranges::all_of(kWays, [&](std::string_view way) {
    return std::ranges::any_of(standing.entries,
                               [way](const auto& rule) { return rule.chain == way && !rule.goes_to.empty(); });
  });
}

/// One line of those that text() writes; false when it is something else.
bool take_line(const std::string& line, config::NetworksByName& networks) {
  std::istringstream words(line);
  std::string mark;
  std::string head;
  std::string name;
  std::string what;
  std::string network;
  std::string more;
  if (!(words >> mark >> head >> name >> what >> network) || words >> more || mark != "#" || head != "interface")
    return false;
  const auto prefix = base::Prefix::parse(network);
  if (!prefix || (what != "present" && what != "held")) return false;
  config::Networks& of = networks[name];
  (what == "present" ? of.present : of.held).push_back(*prefix);
  return true;
}

}  // namespace

std::string text(const Kept& kept) {
  std::string all = kept.file_text + std::string(kBegin);
  for (const auto& [name, of] : kept.networks) {
    for (const auto& [what, list] : {std::pair("present", &of.present), std::pair("held", &of.held)}) {
      for (const base::Prefix& prefix : *list) all += "# interface " + name + " " + what + " " + prefix.text() + "\n";
    }
  }
  return all + std::string(kEnd);
}

std::optional<Kept> parse_kept(std::string_view text) {
  const auto begin = text.rfind(kBegin);
  if (begin == std::string_view::npos || !text.ends_with(kEnd)) return std::nullopt;
  Kept kept{std::string(text.substr(0, begin)), {}};
  text.remove_prefix(begin + kBegin.size());
  text.remove_suffix(kEnd.size());
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    if (!take_line(line, kept.networks)) return std::nullopt;
  }
  return kept;
}

std::optional<Kept> LastGood::read() const {
  if (folder_.empty()) return std::nullopt;
  const auto found = config::read(path());
  return found ? parse_kept(*found) : std::nullopt;
}

// In place of the one before as a whole, or not at all.
base::Result<void, std::string> LastGood::write(const Kept& kept, Through what) const {
  const std::string fresh = path() + ".new";
  const bool sync = what == Through::kPowerCut;
  std::string failed = write_file(fresh, text(kept), sync);
  if (failed.empty() && std::rename(fresh.c_str(), path().c_str()) != 0) failed = std::strerror(errno);
  if (!failed.empty()) return std::unexpected(path() + " cannot be written: " + failed);
  if (sync) sync_folder(folder_);
  return {};
}

base::Result<void, std::string> LastGood::keep(std::string file_text, const config::NetworksByName& networks) const {
  if (folder_.empty()) return {};
  return write({std::move(file_text), networks}, Through::kPowerCut);
}

base::Result<void, std::string> LastGood::keep(const config::NetworksByName& networks) const {
  auto kept = read();
  if (!kept || kept->networks == networks) return {};
  kept->networks = networks;
  return write(*kept, Through::kCrash);
}

base::Result<void, std::string> LastGood::forget() const {
  if (folder_.empty() || std::remove(path().c_str()) == 0 || errno == ENOENT) return {};
  return std::unexpected(path() + " cannot be removed: " + std::strerror(errno));
}

config::NetworksByName LastGood::networks() const {
  auto kept = read();
  return kept ? std::move(kept->networks) : config::NetworksByName();
}

// As first_policy() does: what is behind interfaces now, and what was in an earlier life where that closes something.
base::Result<void, std::string> LastGood::put_guard() const {
  const auto kept = read();
  if (!kept) return std::unexpected("no whole policy of before is kept at " + path());
  const auto config = config::parse(kept->file_text, path());
  if (!config) return std::unexpected("the policy that is kept is refused as well: " + config.error().front().text());
  Follower follower;
  auto resolved = resolve(follower, *config, path(), Loop::now(), kept->networks);
  if (!resolved) return std::unexpected("the policy that is kept is refused as well: " + resolved.error().front());
  GuardKeeper guard(config->gateway);
  if (const auto outside = look_outside(config->gateway)) guard.set_carriers(outside->ports.carriers);
  if (auto done = guard.watch(); !done) return done;
  return guard.install(policy::Snapshot(std::move(resolved->rules)));
}

std::string LastGood::stand_in() const {
  auto nftables = nft::Client::open();
  if (!nftables) return "nothing is known of the guard: " + nftables.error().message;
  const auto runs = nftables->exists(nft::kInterceptionTable);
  const auto standing = nft::standing(nftables->link());
  if (!runs || !standing) {
    return "nothing is known of the guard: " + (runs ? standing.error().message : runs.error().message);
  }
  if (*runs) return "another tedd runs here, and the guard is its own matter";
  if (is_entered(*standing)) return "the guard that was in force stays in force";
  if (folder_.empty()) return std::string(kOpen);
  if (const auto done = put_guard(); !done) return std::string(kOpen) + "; " + done.error();
  return "the guard of " + path() +
         ", the policy that was in force last, stands until tedd starts; nothing brings tunnels up";
}

}  // namespace tedd
