// Who gets a place at the control socket: whoever may only look does not lock out who administers this gateway.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <sys/types.h>

namespace tedd {

/// Counts connections by the user at the other end. kMost at once; kKept of them are for root and tedd's own user
/// alone, and a user who may only look has at most kOfReader.
class ClientPlaces {
 public:
  static constexpr std::size_t kMost = 64;
  static constexpr std::size_t kKept = 16;
  static constexpr std::size_t kOfReader = 16;

  /// Why that user has no further place, for people; nothing when it has one. `trusted`: root, or tedd's own user.
  [[nodiscard]] std::optional<std::string> fault(uid_t user, bool trusted) const;
  void take(uid_t user, bool trusted);
  /// One that was taken.
  void leave(uid_t user, bool trusted);

 private:
  std::size_t taken_ = 0;
  std::size_t of_readers_ = 0;
  std::map<uid_t, std::size_t> of_reader_;
};

}  // namespace tedd
