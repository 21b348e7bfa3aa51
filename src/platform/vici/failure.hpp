// Why an initiation failed, read from what charon logs while it works on it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vici {

enum class FailureClass {
  kNoProposal,       ///< the ends share no algorithms
  kTsUnacceptable,   ///< the peer does not take these selectors
  kAuthFailed,       ///< one end did not prove who it is, or is not who it should be
  kTimeout,          ///< no answer in time
  kPeerUnreachable,  ///< charon gave the peer up, or could not send
  kOther,            ///< the words say more; also when charon itself went away
};

/// `no_proposal`, `ts_unacceptable`, `auth_failed`, `timeout`, `peer_unreachable`, `other`
[[nodiscard]] std::string_view name(FailureClass failure);

struct Failure {
  FailureClass failure = FailureClass::kOther;
  std::string words;  ///< the line of charon's log that gave the class, with the way out; or charon's answer

  bool operator==(const Failure&) const = default;
};

/// The class that one line of charon's log or answer stands for; nothing for lines that tell of no failure. Charon
/// hands out no codes, so these are its words (5.9 and 6.0); a line that changes there makes kOther.
[[nodiscard]] std::optional<FailureClass> classify(std::string_view line);

/// Charon's last word on a try, which names no cause: the cause is in another line. Two lines of one moment may come in
/// the other order (charon's log is handed out by one thread while another begins with the next line).
[[nodiscard]] bool is_last_word(std::string_view line);

/// What charon's plugin addrblock says of selectors that are not in the address blocks (RFC 3779) of the peer's
/// certificate; empty for all other lines. It ends nothing by itself: charon goes on with the selectors that are left.
[[nodiscard]] std::string_view outside_blocks(std::string_view line);

/// What the operator can do about it, where charon's line alone does not say; empty for all other lines.
[[nodiscard]] std::string_view way_out(std::string_view line);

}  // namespace vici
