// The gateways with which tunnels of kernel ESP stood, kept where the next tedd finds them: when tedd and charon are
// killed together, what charon put into the kernel stays, and none of their successors knows of it.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <utility>

#include "base/address.hpp"
#include "base/result.hpp"

namespace tedd {

/// `kernel-peers` in a folder: one `OURS THEIRS` a line, the two ends of a tunnel.
class PeersMet {
 public:
  /// A gateway that has met as many keeps no more, and says so. What is not kept is not taken out after a crash of
  /// both.
  static constexpr std::size_t kMax = 65'536;

  /// Reads what an earlier life kept; a line that is cut short, or something else, is none. Empty: nothing is kept, and
  /// nothing is found.
  explicit PeersMet(const std::string& folder);

  [[nodiscard]] bool has(const base::Address& ours, const base::Address& theirs) const;
  /// Kept at once, through a crash; a power cut takes what is in the kernel as well. An error is for the log: the pair
  /// is known to this process alone, or, without room, to nobody.
  [[nodiscard]] base::Result<void, std::string> add(const base::Address& ours, const base::Address& theirs);
  /// Nothing of theirs is in the kernel any more.
  [[nodiscard]] base::Result<void, std::string> clear();

 private:
  [[nodiscard]] base::Result<void, std::string> write(const std::string& line, int how) const;

  std::string path_;           ///< empty: see the constructor
  bool is_cut_short_ = false;  ///< the file may not end with the end of a line
  std::set<std::pair<base::Address, base::Address>> pairs_;
};

}  // namespace tedd
