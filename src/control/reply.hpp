// What tedd says back: one JSON object on one line.
//   {"ok": true, "data": …}   {"ok": false, "error": {"message": …, "hint": …}}
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/text_error.hpp"
#include "control/error.hpp"
#include "control/json.hpp"
#include "control/report.hpp"
#include "control/request.hpp"

namespace control {

struct Reply {
  bool ok = false;
  base::TextError error;  ///< when not ok: what is wrong and the way out
  Data data;              ///< when ok

  [[nodiscard]] static Reply success(Data data) { return {true, {}, std::move(data)}; }
  [[nodiscard]] static Reply failure(base::TextError error) { return {false, std::move(error), {}}; }

  bool operator==(const Reply&) const = default;
};

/// The daemon is trusted by its tool, but a line has an end: a policy or a list of tunnels of any size that one gateway
/// carries fits.
inline constexpr std::size_t kMaxReplyLine = std::size_t{64} << 20;

/// One line, without the line feed.
[[nodiscard]] std::string encode(const Reply& reply);
[[nodiscard]] std::string encode(const Event& event);

/// What the data of a reply looks like, and what the tools print with --json.
[[nodiscard]] Json data_json(const Data& data);
[[nodiscard]] Json event_json(const Event& event);

/// The reply to a request for `command`. A member that is not known is ignored, so that a newer daemon can say more.
[[nodiscard]] base::Result<Reply, Error> decode_reply(std::string_view line, Command command);
[[nodiscard]] base::Result<Event, Error> decode_event(std::string_view line);

}  // namespace control
