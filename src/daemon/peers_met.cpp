#include "daemon/peers_met.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <unistd.h>
#include <utility>

namespace tedd {

PeersMet::PeersMet(const std::string& folder) : path_(folder.empty() ? folder : folder + "/kernel-peers") {
  if (path_.empty()) return;
  std::ifstream lines(path_);
  for (std::string line; pairs_.size() < kMax && std::getline(lines, line);) {
    is_cut_short_ = lines.eof();
    if (is_cut_short_) break;
    std::istringstream words(line);
    std::string ours;
    std::string theirs;
    std::string more;
    if (!(words >> ours >> theirs) || words >> more) continue;
    const auto here = base::Address::parse(ours);
    const auto there = base::Address::parse(theirs);
    if (here && there) pairs_.emplace(*here, *there);
  }
}

bool PeersMet::has(const base::Address& ours, const base::Address& theirs) const {
  return pairs_.contains({ours, theirs});
}

base::Result<void, std::string> PeersMet::add(const base::Address& ours, const base::Address& theirs) {
  if (has(ours, theirs)) return {};
  if (pairs_.size() >= kMax)
    return std::unexpected("no room to keep that " + theirs.text() + " was met: " + std::to_string(kMax) + " were");
  pairs_.emplace(ours, theirs);
  if (path_.empty()) return {};
  // What is there of a line may look like a whole one, of another address: with more behind it it is none.
  const std::string end = std::exchange(is_cut_short_, false) ? " cut short\n" : "";
  auto done = write(end + ours.text() + " " + theirs.text() + "\n", O_APPEND);
  is_cut_short_ = !done;  // a full disk takes a part of it
  return done;
}

base::Result<void, std::string> PeersMet::clear() {
  if (pairs_.empty()) return {};
  pairs_.clear();
  return path_.empty() ? base::Result<void, std::string>() : write({}, O_TRUNC);
}

// A line in one call, so that it is there as a whole or cut short at its end.
base::Result<void, std::string> PeersMet::write(const std::string& line, int how) const {
  const int fd = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | how, 0600);
  const bool done = fd >= 0 && ::write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  const int reason = errno;
  if (fd >= 0) ::close(fd);
  if (done) return {};
  return std::unexpected(path_ + " cannot be written: " + std::strerror(reason));
}

}  // namespace tedd
